package io.unifiedlatents.core.spark;

import ai.djl.Device;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.EvaluateConfig;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.ImageSample;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.core.data.ShardReader;
import io.unifiedlatents.core.metrics.DetectorFile;
import io.unifiedlatents.core.metrics.EvaluationPart;
import io.unifiedlatents.core.metrics.FeatureExtractor;
import io.unifiedlatents.core.metrics.FeatureStats;
import io.unifiedlatents.core.metrics.FeatureStream;
import io.unifiedlatents.core.metrics.Psnr;
import io.unifiedlatents.core.metrics.Reconstructor;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.jspecify.annotations.Nullable;

/**
 * Judges the pictures of some shards on an executor.
 *
 * @param configYaml resolved config
 * @param files path of each exported network by its name
 */
record EvaluateTask(String configYaml, Map<String, String> files)
        implements FlatMapFunction<Iterator<Integer>, EvaluationPart> {
    @Override
    public Iterator<EvaluationPart> call(Iterator<Integer> shards) throws Exception {
        RunConfig config = ConfigLoader.parse(configYaml);
        EvaluateConfig evaluate = config.evaluate();
        Configuration hadoop = TaskHadoop.conf();
        Dataset images = Dataset.open(Storage.at(config.data().validation(), hadoop));
        Device device = Devices.ofTask(config.compute());
        UnifiedLatents model = UnifiedLatents.of(config.model(), config.objective(), config.compute());
        List<EvaluationPart> parts = new ArrayList<>();
        try (Reconstructor reconstructor = new Reconstructor(
                        model,
                        name -> open(java.util.Objects.requireNonNull(files.get(name)), hadoop),
                        device,
                        config.seed(),
                        evaluate.samplerSteps(),
                        evaluate.timesPerImage());
                FeatureExtractor detector = detector(evaluate, device, hadoop)) {
            while (shards.hasNext()) {
                int shard = shards.next();
                parts.add(judge(images, shard, evaluate, reconstructor, detector));
            }
        }
        return parts.iterator();
    }

    private static InputStream open(String file, Configuration hadoop) throws IOException {
        Path path = new Path(file);
        return path.getFileSystem(hadoop).open(path);
    }

    private static @Nullable FeatureExtractor detector(EvaluateConfig config, Device device, Configuration hadoop)
            throws IOException {
        if (config.detector().file().isEmpty()) {
            return null;
        }
        DetectorFile file = DetectorFile.read(config.detector().file(), hadoop);
        return new FeatureExtractor(file, config.detector(), config.batch(), device, false);
    }

    private static EvaluationPart judge(
            Dataset images,
            int index,
            EvaluateConfig config,
            Reconstructor reconstructor,
            @Nullable FeatureExtractor detector)
            throws IOException {
        List<ShardInfo> shards = images.manifest().shards();
        long before =
                shards.subList(0, index).stream().mapToLong(ShardInfo::rows).sum();
        long wanted = config.images() == 0 ? Long.MAX_VALUE : config.images() - before;
        Judge judge = new Judge(images.manifest(), reconstructor, detector);
        try (ShardReader reader = images.open(shards.get(index))) {
            for (int group = 0; group < reader.rowGroups() && judge.size() < wanted; group++) {
                List<ImageSample> samples = reader.samples(group);
                for (int first = 0; first < samples.size() && judge.size() < wanted; first += config.batch()) {
                    long last = Math.min(
                            Math.min(samples.size(), first + (long) config.batch()), first + wanted - judge.size());
                    judge.add(samples.subList(first, (int) last), config.gridImages() - before);
                }
            }
        }
        return judge.part(index);
    }

    /** Collects the figures of one shard. */
    private static final class Judge {
        private final DatasetManifest images;
        private final int side;
        private final Reconstructor reconstructor;
        private final @Nullable FeatureExtractor detector;
        private final List<EvaluationPart.ImageFigures> figures = new ArrayList<>();
        private final List<EvaluationPart.Pair> shown = new ArrayList<>();
        private @Nullable FeatureStats original;
        private @Nullable FeatureStats reconstructed;

        Judge(DatasetManifest images, Reconstructor reconstructor, @Nullable FeatureExtractor detector) {
            this.images = images;
            this.side = images.resolution();
            this.reconstructor = reconstructor;
            this.detector = detector;
        }

        int size() {
            return figures.size();
        }

        void add(List<ImageSample> samples, long show) throws IOException {
            byte[][] originals = new byte[samples.size()][];
            String[] ids = new String[samples.size()];
            ByteBuffer bytes = ByteBuffer.allocateDirect(samples.size() * side * side * 3);
            for (int i = 0; i < ids.length; i++) {
                ids[i] = samples.get(i).id();
                originals[i] = images.decode(samples.get(i).image()).pixels();
                bytes.put(originals[i]);
            }
            bytes.flip();
            Reconstructor.Result result = reconstructor.reconstruct(ids, bytes);
            for (int i = 0; i < ids.length; i++) {
                double error = Psnr.meanSquaredError(originals[i], result.pixels()[i]);
                figures.add(new EvaluationPart.ImageFigures(ids[i], Psnr.decibels(error), result.bitsPerPixel()[i]));
                if (shown.size() < show) {
                    shown.add(new EvaluationPart.Pair(originals[i], result.pixels()[i]));
                }
            }
            if (detector != null) {
                original = added(original, detector, ids, originals);
                reconstructed = added(reconstructed, detector, ids, result.pixels());
            }
        }

        private @Nullable FeatureStats added(
                @Nullable FeatureStats stats, FeatureExtractor detector, String[] ids, byte[][] pictures) {
            List<FeatureStats> sums = new ArrayList<>();
            if (stats != null) {
                sums.add(stats);
            }
            FeatureStream stream = detector.stream((features, logits, spatial) -> {
                if (sums.isEmpty()) {
                    sums.add(new FeatureStats(features.length));
                }
                sums.get(0).add(features, 0);
            });
            for (int i = 0; i < ids.length; i++) {
                stream.add(ids[i], new Rgb(side, side, pictures[i]));
            }
            stream.flush();
            return sums.isEmpty() ? null : sums.get(0);
        }

        EvaluationPart part(int shard) {
            return new EvaluationPart(shard, figures, original, reconstructed, shown);
        }
    }
}
