package io.unifiedlatents.core.spark.inference;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.PrepareConfig;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.SampleConfig;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.Encoding;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.PictureSet;
import io.unifiedlatents.core.data.ShardFooter;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.core.data.ShardPictures;
import io.unifiedlatents.core.lease.Lease;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.metrics.picture.NpzPictures;
import io.unifiedlatents.core.metrics.picture.PictureGrid;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.report.EvaluationCard;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.spark.cluster.LeasedWork;
import io.unifiedlatents.core.spark.cluster.Partitions;
import io.unifiedlatents.core.spark.cluster.TaskResources;
import io.unifiedlatents.core.stage.RunDirectory;
import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.torchscript.Torch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Samples of base model and decoder, cluster-wide, as a data set of pictures. Each is a function of networks, settings
 * and its number: who made it, and beside how many others, makes no difference.
 */
public final class Sampling {
    /** The file beside the data set that records how the samples were made. */
    public static final String CARD = "_sampling.json";

    /** The first of them. */
    public static final String GRID = "_grid.png";

    /** The transform that the manifest states for samples. */
    private static final String TRANSFORM = "sampled";

    private static final ObjectMapper JSON = new ObjectMapper();

    private Sampling() {}

    /** The directory of a config's samples: {@code <runDirectory>/samples/<name>}. */
    public static Storage directory(JavaSparkContext spark, RunConfig config) throws IOException {
        return Storage.at(config.runDirectory(), spark.hadoopConfiguration())
                .directory("samples/" + config.sample().name());
    }

    /**
     * Samples, unless the same samples are there already; shards that an earlier run finished are taken as they are.
     *
     * @param terms of the lease of that directory
     * @return the data set in {@link #directory}, with {@value #CARD} and {@value #GRID} beside it
     */
    public static Dataset sample(JavaSparkContext spark, RunConfig config, LeaseTerms terms)
            throws IOException, InterruptedException {
        return LeasedWork.run(spark, directory(spark, config), terms, lease -> sample(spark, config, lease));
    }

    private static Dataset sample(JavaSparkContext spark, RunConfig config, Lease lease) throws IOException {
        SampleConfig sample = config.sample();
        Configuration hadoop = spark.hadoopConfiguration();
        RunDirectory run = new RunDirectory(config, hadoop);
        Exports base = run.exports(StageName.BASE, sample.step());
        Exports decoder = run.exports(sample.decoder(), 0);
        run.requireSameEncoder(StageName.BASE, base, sample.decoder(), decoder);

        EvaluationCard card = card(config, base, decoder);
        PrepareConfig shape = config.prepare();
        String configHash = Hashes.sha256(String.join(
                "\n",
                base.hash(Exports.BASE),
                decoder.hash(Exports.DECODER),
                JSON.writeValueAsString(card.measured()),
                "%d pictures of %s pixels"
                        .formatted(sample.images(), config.model().size()),
                "row groups of %d or %d MB".formatted(shape.rowGroupRows(), shape.rowGroupMegabytes())));
        Storage target = directory(spark, config);
        if (!isThere(target, configHash)) {
            removeOld(target);
            ShardFooter footer = new ShardFooter(TRANSFORM, Encoding.PNG, classes(config, hadoop), configHash);
            int shardRows = PictureSet.unitRows(sample.images(), sample.batch());
            int shards = (sample.images() + shardRows - 1) / shardRows;
            long passes = (long) sample.images() * (sample.baseSteps() + sample.decoderSteps());
            RunNetworks networks = RunNetworks.of(config, Map.of(Exports.BASE, base, Exports.DECODER, decoder));
            List<ShardInfo> written = Partitions.of(spark, shards, passes)
                    .withResources(TaskResources.ofNetworks(spark, config.compute()))
                    .mapPartitions(new SampleTask(networks, target.toString(), shardRows, footer, lease.number()))
                    .collect();
            long rows = written.stream().mapToLong(ShardInfo::rows).sum();
            Check.argument(rows == sample.images(), "%d rows of %d samples", rows, sample.images());
            lease.fence().check();
            removeUnlisted(target, written);
            target.publish(CARD, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(card));
            Dataset.publish(
                    target, DatasetManifest.images(config.model(), footer, config.seed(), new ArrayList<>(written)));
        }
        Dataset samples = Dataset.open(target);
        target.publish(GRID, grid(samples, sample));
        return samples;
    }

    /** Whether these samples are there, all shards as long as their manifest says. */
    private static boolean isThere(Storage target, String configHash) throws IOException {
        if (!target.exists(DatasetManifest.NAME)) {
            return false;
        }
        DatasetManifest manifest = manifest(target);
        boolean same = manifest.configHash().equals(configHash);
        for (ShardInfo shard : manifest.shards()) {
            same = same && target.exists(shard.name()) && target.length(shard.name()) == shard.bytes();
        }
        return same;
    }

    /** Old samples stop counting before the first shard changes; anything but samples is left alone. */
    private static void removeOld(Storage target) throws IOException {
        if (target.exists(DatasetManifest.NAME)) {
            Check.setting(
                    TRANSFORM.equals(manifest(target).transform()),
                    "%s is a data set, but not of samples; choose another sample.name",
                    target);
            target.delete(DatasetManifest.NAME);
        }
    }

    private static DatasetManifest manifest(Storage target) throws IOException {
        try {
            return Dataset.open(target).manifest();
        } catch (CorruptDataException e) {
            throw new CorruptDataException(e.getMessage() + "; delete " + target + " to sample again", e);
        }
    }

    /** Shards of an earlier set that was larger, what a killed task left, and what described the old samples. */
    private static void removeUnlisted(Storage target, List<ShardInfo> written) throws IOException {
        Set<String> listed = written.stream().map(ShardInfo::name).collect(Collectors.toSet());
        for (String file : target.list()) {
            if (!listed.contains(file) && (SampleTask.isShard(file) || file.startsWith("_card."))) {
                target.delete(file);
            }
        }
    }

    /** Names of the classes by their labels. */
    private static List<String> classes(RunConfig config, Configuration hadoop) throws IOException {
        if (config.base().condition().classCount() == 0) {
            return List.of("sample");
        }
        Storage latents = new RunDirectory(config, hadoop).latents();
        List<String> names = latents.exists(DatasetManifest.NAME)
                ? Dataset.open(latents).manifest().classes()
                : List.of();
        return IntStream.range(0, config.base().condition().classCount())
                .mapToObj(label -> label < names.size() ? names.get(label) : "class " + label)
                .toList();
    }

    /** The card of samples that {@link #sample} made; empty for others. */
    public static EvaluationCard cardOf(String samples, Configuration hadoop) throws IOException {
        if (NpzPictures.isNpz(samples) || !Storage.at(samples, hadoop).exists(CARD)) {
            return new EvaluationCard(Map.of(), Map.of());
        }
        return JSON.readValue(Storage.at(samples, hadoop).readText(CARD), EvaluationCard.class);
    }

    private static EvaluationCard card(RunConfig config, Exports base, Exports decoder) {
        SampleConfig sample = config.sample();
        Map<String, Object> judged = new LinkedHashMap<>();
        judged.put("runDirectory", config.runDirectory());
        judged.put("baseStep", base.step());
        judged.put("baseHash", base.hash(Exports.BASE));
        judged.put("decoderStage", sample.decoder().toString());
        judged.put("decoderStep", decoder.step());
        judged.put("decoderHash", decoder.hash(Exports.DECODER));
        judged.put("sampledBy", Torch.version(config.compute().threads()));
        UnifiedLatents model = UnifiedLatents.of(config.networks(), config.objective(), config.compute());
        Map<String, Object> measured = new LinkedHashMap<>();
        measured.put("weights", "exponential moving average");
        measured.put(
                "sampler",
                sample.sampler().sampler().description() + "; latent to its fixed noise, pixels clipped to [-1, 1]");
        measured.put("baseSteps", sample.baseSteps());
        measured.put("decoderSteps", sample.decoderSteps());
        if (config.base().condition().classCount() > 0) {
            measured.put(
                    "sampledClasses",
                    sample.classes().isEmpty() ? "all" : sample.classes().toString());
        }
        measured.put("guidance", sample.guidance() == 1 ? "none" : String.valueOf(sample.guidance()));
        if (sample.guidance() != 1) {
            measured.put("guidanceMinLogSnr", sample.guidanceMinLogSnr());
            measured.put("guidanceMaxLogSnr", sample.guidanceMaxLogSnr());
        }
        measured.put("latentLevels", model.latentSchedule().toString());
        measured.put("pixelLevels", model.pixelSchedule().toString());
        measured.put("sampleBatch", sample.batch());
        measured.put("sampleSeed", config.seed());
        return new EvaluationCard(judged, measured);
    }

    private static byte[] grid(Dataset samples, SampleConfig config) throws IOException {
        SampleShape shape = Objects.requireNonNull(samples.manifest().shape());
        List<byte[]> first = new ArrayList<>();
        int wanted = Math.min(config.gridImages(), config.images());
        PictureSet set = new ShardPictures(samples, wanted, config.batch());
        for (int unit = 0; unit < set.rows().size() && wanted > 0; unit++) {
            set.read(unit, (id, picture) -> first.add(picture.pixels()));
        }
        return PictureGrid.png(first, shape);
    }
}
