package io.unifiedlatents.core.judge;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.EvaluateConfig;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.PictureSet;
import io.unifiedlatents.core.data.ShardPictures;
import io.unifiedlatents.core.metrics.distance.FrechetDistance;
import io.unifiedlatents.core.metrics.features.FeatureStats;
import io.unifiedlatents.core.metrics.picture.PictureGrid;
import io.unifiedlatents.core.metrics.picture.Psnr;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.sample.LoadedNetworks;
import io.unifiedlatents.core.sample.ModelExport;
import io.unifiedlatents.core.sample.NetworkSource;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Torch;
import io.unifiedlatents.core.train.Checkup;
import io.unifiedlatents.core.train.Objective;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Judges the moving average while it is trained, on the first pictures of a held-out data set: reconstructions of them,
 * or of a base model its bits for them and as many samples, those that Sample would make first. Rank r of W judges
 * pictures r, r + W, …; figures do not depend on W, but for rounding. A network takes memory only while it is judged.
 */
public final class HeldOut implements Checkup {
    private final RunConfig config;
    private final Objective objective;
    private final Judge judge;
    private final int every;
    private final Dataset images;
    private final Device device;
    private final NetworkSource frozen;
    private final @Nullable FeatureSource features;
    private final Receiver receiver;
    private final UnifiedLatents model;
    private final SampleShape shape;

    private List<Picture> pictures = List.of();
    private float @Nullable [][] originalFeatures;

    /** Takes what was found, on rank 0. */
    public interface Receiver {
        /**
         * One evaluation.
         *
         * @param grid PNG of originals beside reconstructions, or of samples
         */
        void accept(HeldOutReport report, byte[] grid) throws IOException;
    }

    /** A function that makes features of pictures. */
    public interface FeatureSource {
        /** float32 [B, F] of B samples of a shape, uint8 as stored. */
        float[][] of(byte[][] pictures, SampleShape shape) throws IOException;
    }

    private record Picture(String id, byte[] pixels) {}

    /**
     * The result of judging a batch.
     *
     * @param pictures reconstructions, or samples
     * @param bitsPerPixel of the held-out pictures
     */
    public record Judged(byte[][] pictures, double[] bitsPerPixel) {}

    /** Judges batches with loaded networks. */
    public interface BatchJudge {
        /**
         * Judges a batch.
         *
         * @param indices of the held-out pictures
         * @param ids of the held-out pictures
         * @param pixels of the held-out pictures, direct, uint8 [B, H, W, 3], or [B, T, H, W, 3] of clips
         */
        Judged judge(List<Integer> indices, String[] ids, ByteBuffer pixels);
    }

    /** The kind of pictures that are judged, and the networks they take. */
    public interface Judge {
        /** Files of the networks that it takes, trained or frozen. */
        List<String> networks();

        /** Whether it makes samples; else it makes reconstructions of the held-out pictures. */
        boolean makesSamples();

        /** Denoising steps of a latent; 0 for reconstructions. */
        int latentSteps();

        /** Denoising steps of pixels. */
        int pixelSteps();

        /** Takes the networks for some batches; they stay the caller's. */
        BatchJudge open(UnifiedLatents model, LoadedNetworks networks);
    }

    /**
     * An evaluation of what a run trains.
     *
     * @param objective what is trained: networks outside of its layout come from {@code frozen}
     * @param judge makes the pictures and their figures
     * @param every steps from one to the next
     * @param images held-out pictures
     * @param frozen networks that are trained no more
     * @param features for a Fréchet distance; null for none
     */
    public HeldOut(
            RunConfig config,
            Objective objective,
            Judge judge,
            int every,
            Dataset images,
            Device device,
            NetworkSource frozen,
            @Nullable FeatureSource features,
            Receiver receiver) {
        long size = objective.layout().size();
        Check.setting(
                size <= Exports.MAX_PARAMETERS,
                "run.evaluateEvery=%d: a model of %d parameters is more than one evaluation holds, %d; set it to 0",
                every,
                size,
                Exports.MAX_PARAMETERS);
        this.config = config;
        this.objective = objective;
        this.judge = judge;
        this.every = every;
        this.images = images;
        this.device = device;
        this.frozen = frozen;
        this.features = features;
        this.receiver = receiver;
        this.model = UnifiedLatents.of(config.networks(), config.objective(), config.compute());
        this.shape = config.model();
    }

    @Override
    public int every() {
        return every;
    }

    @Override
    public void run(long step, FloatBuffer average, Collective collective) throws IOException {
        long start = System.nanoTime();
        if (pictures.isEmpty()) {
            pictures = read();
        }
        int count = pictures.size();
        byte[][] decoded = new byte[count][];
        double psnr = 0;
        double bits = 0;
        List<List<Integer>> batches = batches(collective);
        if (!batches.isEmpty()) {
            try (LoadedNetworks networks =
                    LoadedNetworks.load(name -> network(name, average), device, judge.networks())) {
                BatchJudge judgeOfBatches = judge.open(model, networks);
                for (List<Integer> batch : batches) {
                    Judged result = judgeOfBatches.judge(batch, ids(batch), bytes(batch));
                    for (int i = 0; i < batch.size(); i++) {
                        decoded[batch.get(i)] = result.pictures[i];
                        bits += result.bitsPerPixel[i];
                        psnr += judge.makesSamples() ? 0 : psnr(batch.get(i), result.pictures[i]);
                    }
                }
            }
        }
        double[] sums = collective.allReduce(psnr, bits);
        FeatureStats[] stats = features == null ? null : stats(features, decoded, batches, collective);
        List<byte[]> shown = shown(decoded, collective);
        if (collective.rank() == 0) {
            HeldOutReport.Distance distance = stats == null
                    ? null
                    : new HeldOutReport.Distance(
                            FrechetDistance.between(stats[0], stats[1]), count, stats[0].dimensions());
            double seconds = (System.nanoTime() - start) / 1e9;
            receiver.accept(
                    new HeldOutReport(
                            step,
                            count,
                            judge.makesSamples() ? null : sums[0] / count,
                            sums[1] / count,
                            judge.pixelSteps(),
                            judge.latentSteps(),
                            distance,
                            seconds),
                    grid(shown));
        }
    }

    private byte[] grid(List<byte[]> shown) throws IOException {
        if (judge.makesSamples()) {
            return PictureGrid.png(shown, shape);
        }
        List<PictureGrid.Pair> pairs = new ArrayList<>();
        for (int i = 0; i < shown.size(); i++) {
            pairs.add(new PictureGrid.Pair(pictures.get(i).pixels, shown.get(i)));
        }
        return PictureGrid.pairs(pairs, shape);
    }

    private List<Picture> read() throws IOException {
        long rows = images.manifest().rows();
        Check.setting(rows > 0, "data.validation=%s holds no pictures", images.storage());
        EvaluateConfig evaluate = config.evaluate();
        int wanted = (int) Math.min(rows, evaluate.training().images());
        PictureSet set = new ShardPictures(images, wanted, evaluate.batch());
        List<Picture> found = new ArrayList<>();
        for (int unit = 0; unit < set.rows().size(); unit++) {
            set.read(unit, (id, picture) -> found.add(new Picture(id, picture.pixels())));
        }
        return found;
    }

    /** Indices of this rank's pictures. */
    private List<List<Integer>> batches(Collective collective) {
        List<List<Integer>> batches = new ArrayList<>();
        List<Integer> batch = List.of();
        for (int i = collective.rank(); i < pictures.size(); i += collective.worldSize()) {
            if (batch.isEmpty() || batch.size() == config.evaluate().batch()) {
                batch = new ArrayList<>();
                batches.add(batch);
            }
            batch.add(i);
        }
        return batches;
    }

    private double psnr(int index, byte[] reconstruction) {
        return Psnr.decibels(Psnr.meanSquaredError(pictures.get(index).pixels, reconstruction));
    }

    private InputStream network(String name, FloatBuffer average) throws IOException {
        if (!objective.layout().has(Exports.part(name))) {
            return frozen.open(name);
        }
        ModelExport export = new ModelExport(model, DType.of(config.compute().dtype()));
        return new ByteArrayInputStream(
                export.network(name, objective.layout(), average).bytes());
    }

    private String[] ids(List<Integer> indices) {
        return indices.stream().map(i -> pictures.get(i).id).toArray(String[]::new);
    }

    private ByteBuffer bytes(List<Integer> indices) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(indices.size() * shape.values());
        indices.forEach(i -> bytes.put(pictures.get(i).pixels));
        return bytes.flip();
    }

    /** Statistics of originals and reconstructions, added in the order of pictures. */
    private FeatureStats[] stats(FeatureSource of, byte[][] decoded, List<List<Integer>> batches, Collective collective)
            throws IOException {
        float[][] found = features(of, decoded, batches);
        float[][] ofOriginals = originalFeatures;
        if (ofOriginals == null) {
            byte[][] originals = pictures.stream().map(Picture::pixels).toArray(byte[][]::new);
            ofOriginals = gathered(features(of, originals, batches), collective);
            originalFeatures = ofOriginals;
        }
        return new FeatureStats[] {FeatureStats.of(ofOriginals), FeatureStats.of(gathered(found, collective))};
    }

    private float[][] features(FeatureSource of, byte[][] all, List<List<Integer>> batches) throws IOException {
        float[][] found = new float[all.length][];
        List<Integer> own = batches.stream().flatMap(List::stream).toList();
        if (!own.isEmpty()) {
            float[][] rows = of.of(own.stream().map(i -> all[i]).toArray(byte[][]::new), shape);
            for (int i = 0; i < rows.length; i++) {
                found[own.get(i)] = rows[i];
            }
        }
        return found;
    }

    /** The pictures of the grid, on rank 0; empty elsewhere. */
    private List<byte[]> shown(byte[][] decoded, Collective collective) throws IOException {
        int count = Math.min(pictures.size(), config.evaluate().gridImages());
        float[][] own = new float[count][];
        for (int i = collective.rank(); i < count; i += collective.worldSize()) {
            own[i] = toFloats(decoded[i]);
        }
        float[][] all = count == 0 ? own : gathered(own, collective);
        List<byte[]> shown = new ArrayList<>();
        for (int i = 0; i < count && collective.rank() == 0; i++) {
            shown.add(toBytes(all[i]));
        }
        return shown;
    }

    private static float[] toFloats(byte[] bytes) {
        float[] values = new float[bytes.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = bytes[i];
        }
        return values;
    }

    private static byte[] toBytes(float[] values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    /**
     * Rows of all ranks on every rank, unchanged: a row is added to nothing but zeros.
     *
     * @param own rows of this rank, rank 0 has the first; null where they are another's
     */
    private static float[][] gathered(float[][] own, Collective collective) throws IOException {
        int length = (int) collective.allReduce(collective.rank() == 0 ? Objects.requireNonNull(own[0]).length : 0)[0];
        try (NDManager host = Torch.newManager(Device.cpu())) {
            FloatVector all = FloatVector.of(Torch.bytes(host.zeros(new Shape(own.length, length))));
            for (int i = 0; i < own.length; i++) {
                if (own[i] != null) {
                    all.slice((long) i * length, length).put(own[i]);
                }
            }
            collective.allReduce(all);
            float[][] rows = new float[own.length][length];
            for (int i = 0; i < rows.length; i++) {
                all.slice((long) i * length, length).get(rows[i]);
            }
            return rows;
        }
    }
}
