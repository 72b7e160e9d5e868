package io.unifiedlatents.core.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.Ranks;
import io.unifiedlatents.core.collective.SoloCollective;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.config.SamplerKind;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.Encoding;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.ImageCodec;
import io.unifiedlatents.core.data.ImageRow;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.data.RowGroupLimit;
import io.unifiedlatents.core.data.ShardFooter;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.core.data.ShardWriter;
import io.unifiedlatents.core.metrics.distance.FrechetDistance;
import io.unifiedlatents.core.metrics.features.FeatureStats;
import io.unifiedlatents.core.metrics.picture.PictureGrid;
import io.unifiedlatents.core.metrics.picture.Psnr;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.sample.LoadedNetworks;
import io.unifiedlatents.core.sample.ModelExport;
import io.unifiedlatents.core.sample.Sampler;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Torch;
import io.unifiedlatents.core.train.BaseObjective;
import io.unifiedlatents.core.train.DecoderObjective;
import io.unifiedlatents.core.train.LatentsObjective;
import io.unifiedlatents.core.train.Objective;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random networks on random pictures: five of seven, in two shards. */
class HeldOutTest {
    private static final SampleShape SHAPE = SampleShape.picture(8, 12);
    private static final int JUDGED = 5;
    private static final RunConfig CONFIG = ConfigLoader.load(
            "tiny",
            "",
            List.of(
                    "model.width=12",
                    "sample={baseSteps: 4, decoderSteps: 2}",
                    "evaluate={batch: 2, timesPerImage: 3, gridImages: 3, training: {images: 5, samplerSteps: 2}}"));
    private static final UnifiedLatents MODEL =
            UnifiedLatents.of(CONFIG.networks(), CONFIG.objective(), CONFIG.compute());
    private static final Objective STAGE1 = LatentsObjective.of(MODEL, CONFIG.objective(), DType.FLOAT32, 1);
    private static final Objective STAGE2 = DecoderObjective.of(MODEL, CONFIG.objective(), DType.FLOAT32, 1);
    private static final Objective BASE = BaseObjective.of(MODEL, CONFIG.objective(), DType.FLOAT32, 1);

    /** Colours of a picture: linear in its pixels, so that a pixel rounded the other way hardly shows. */
    private static final HeldOut.FeatureSource MEAN_COLOURS = (pictures, shape) -> {
        float[][] means = new float[pictures.length][3];
        for (int i = 0; i < means.length; i++) {
            for (int k = 0; k < pictures[i].length; k++) {
                means[i][k % 3] += (pictures[i][k] & 0xff) / (float) shape.positions();
            }
        }
        return means;
    };

    @TempDir
    private Path directory;

    private Dataset images;
    private final List<byte[]> pictures = new ArrayList<>();

    @BeforeEach
    void writeShards() throws IOException {
        Torch.start(1);
        Storage storage = Storage.at(directory.toString(), new Configuration());
        ShardFooter footer = new ShardFooter("none", Encoding.PNG, List.of("only"), "config");
        List<ShardInfo> shards = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(1);
        for (int rows : new int[] {4, 3}) {
            try (ShardWriter<ImageRow> writer =
                    ShardWriter.images(storage, "shard" + shards.size() + ".parquet", RowGroupLimit.rows(3), footer)) {
                for (int i = 0; i < rows; i++) {
                    byte[] pixels = new byte[SHAPE.values()];
                    random.nextBytes(pixels);
                    byte[] png = ImageCodec.encodePng(Rgb.of(SHAPE, pixels));
                    String id = "id" + pictures.size();
                    pictures.add(pixels);
                    writer.write(new ImageRow(
                            id, png, 0, "only", null, SHAPE.width(), SHAPE.height(), id + ".png", Hashes.sha256(png)));
                }
                shards.add(writer.finish());
            }
        }
        images = Dataset.publish(storage, DatasetManifest.images(SHAPE, footer, 1, shards));
    }

    private static FloatBuffer weights(Objective objective, long seed) {
        FloatBuffer weights = FloatBuffer.allocate((int) objective.layout().size());
        objective.layout().initialize(weights, seed);
        return weights;
    }

    private static InputStream network(String name, FloatBuffer frozen, Objective objective, FloatBuffer own) {
        ModelExport export = new ModelExport(MODEL, DType.FLOAT32);
        boolean trained = objective.layout().has(Exports.part(name)) && own.capacity() > 0;
        return new ByteArrayInputStream((trained
                        ? export.network(name, objective.layout(), own)
                        : export.network(name, STAGE1.layout(), frozen))
                .bytes());
    }

    private record Found(HeldOutReport report, byte[] grid) {}

    private Found judge(Collective collective, Objective objective, FloatBuffer average, FloatBuffer frozen)
            throws IOException {
        List<Found> found = new ArrayList<>();
        HeldOut heldOut = new HeldOut(
                CONFIG,
                objective,
                objective.layout().has("base") ? new SamplesJudge(CONFIG) : new ReconstructionsJudge(CONFIG),
                10,
                images,
                Device.cpu(),
                name -> network(name, frozen, objective, FloatBuffer.allocate(0)), // nothing that is trained
                MEAN_COLOURS,
                (report, grid) -> found.add(new Found(report, grid)));
        heldOut.run(10, average.duplicate(), collective);
        heldOut.run(20, average.duplicate(), collective); // with the pictures and features that it has by now
        assertThat(found).hasSize(collective.rank() == 0 ? 2 : 0);
        if (found.isEmpty()) {
            return new Found(new HeldOutReport(0, 0, null, 0, 0, 0, null, 0), new byte[0]);
        }
        assertThat(found.get(0).report.step()).isEqualTo(10);
        assertThat(found.get(1).report.step()).isEqualTo(20);
        assertThat(found.get(1).report.psnrDecibels())
                .isEqualTo(found.get(0).report.psnrDecibels());
        assertThat(found.get(1).report.distance()).isEqualTo(found.get(0).report.distance());
        assertThat(found.get(1).grid).isEqualTo(found.get(0).grid);
        return found.get(0);
    }

    /** One picture after the other, by hand. */
    private void compare(Found found, Objective objective, FloatBuffer average, FloatBuffer frozen) throws IOException {
        double psnr = 0;
        double bits = 0;
        byte[][] decoded = new byte[JUDGED][];
        try (LoadedNetworks networks = LoadedNetworks.load(
                name -> network(name, frozen, objective, average),
                Device.cpu(),
                List.of(Exports.ENCODER, Exports.PRIOR, Exports.DECODER))) {
            Reconstructor reconstructor = new Reconstructor(MODEL, networks, CONFIG.seed(), SamplerKind.DDIM, 2, 3);
            for (int i = 0; i < JUDGED; i++) {
                ByteBuffer bytes = ByteBuffer.allocateDirect(SHAPE.values()).put(pictures.get(i));
                Reconstructor.Result result = reconstructor.reconstruct(new String[] {"id" + i}, bytes.flip());
                decoded[i] = result.pixels()[0];
                psnr += Psnr.decibels(Psnr.meanSquaredError(pictures.get(i), decoded[i])) / JUDGED;
                bits += result.bitsPerPixel()[0] / JUDGED;
            }
        }
        HeldOutReport report = found.report;
        assertThat(report.images()).isEqualTo(JUDGED);
        assertThat(report.samplerSteps()).isEqualTo(2);
        // batches of another size may take other kernels: rounding of float32, and a pixel rounded the other way
        assertThat(report.psnrDecibels()).isCloseTo(psnr, within(1e-3 * psnr));
        assertThat(report.bitsPerPixel()).isCloseTo(bits, within(1e-5 * bits));
        byte[][] originals = pictures.subList(0, JUDGED).toArray(byte[][]::new);
        double distance = FrechetDistance.between(
                FeatureStats.of(MEAN_COLOURS.of(originals, SHAPE)), FeatureStats.of(MEAN_COLOURS.of(decoded, SHAPE)));
        HeldOutReport.Distance measured = Objects.requireNonNull(report.distance());
        assertThat(measured.value()).isCloseTo(distance, within(1e-3 * distance));
        assertThat(measured.count()).isEqualTo(JUDGED);
        assertThat(measured.dimensions()).isEqualTo(3);

        List<PictureGrid.Pair> pairs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            pairs.add(new PictureGrid.Pair(originals[i], decoded[i]));
        }
        assertSameButForRounding(found.grid, PictureGrid.pairs(pairs, SHAPE));
    }

    private static void assertSameButForRounding(byte[] png, byte[] other) throws IOException {
        byte[] drawn = ImageCodec.decode(png).pixels();
        byte[] expected = ImageCodec.decode(other).pixels();
        assertThat(drawn).hasSameSizeAs(expected);
        for (int i = 0; i < drawn.length; i++) {
            assertThat((int) drawn[i] & 0xff).isCloseTo(expected[i] & 0xff, within(1));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 6}) // the sixth has no picture
    void ranksTogetherFindWhatOneFindsByHand(int worldSize) throws Exception {
        FloatBuffer average = weights(STAGE1, 1);
        List<Collective> ranks =
                worldSize == 1 ? List.of(new SoloCollective()) : Ranks.ring(worldSize, Duration.ofSeconds(60));
        Found found = Ranks.run(ranks, rank -> judge(rank, STAGE1, average, FloatBuffer.allocate(0)))
                .get(0);
        compare(found, STAGE1, average, average);
        for (Collective rank : ranks) {
            rank.close();
        }
    }

    @Test
    void theSecondStageTakesEncoderAndPriorOfTheFirst() throws Exception {
        FloatBuffer stage1 = weights(STAGE1, 1);
        FloatBuffer average = weights(STAGE2, 2);
        compare(judge(new SoloCollective(), STAGE2, average, stage1), STAGE2, average, stage1);
    }

    @Test
    void aBaseModelIsJudgedByItsBitsAndByWhatItSamples() throws Exception {
        FloatBuffer stage1 = weights(STAGE1, 1);
        FloatBuffer average = FloatBuffer.allocate((int) BASE.layout().size());
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < average.capacity(); i++) { // as it starts it would predict zero
            average.put(i, (float) random.nextDouble(-0.1, 0.1));
        }
        List<Collective> ranks = Ranks.ring(2, Duration.ofSeconds(60));
        Found found =
                Ranks.run(ranks, rank -> judge(rank, BASE, average, stage1)).get(0);
        for (Collective rank : ranks) {
            rank.close();
        }

        double bits = 0;
        byte[][] samples = new byte[JUDGED][];
        try (LoadedNetworks networks =
                LoadedNetworks.load(name -> network(name, stage1, BASE, average), Device.cpu(), Exports.NETWORKS)) {
            Sampler sampler = new Sampler(MODEL, networks, CONFIG.seed(), CONFIG.sample());
            Reconstructor reconstructor = new Reconstructor(MODEL, networks, CONFIG.seed(), SamplerKind.DDIM, 2, 3);
            for (int i = 0; i < JUDGED; i++) {
                ByteBuffer bytes = ByteBuffer.allocateDirect(SHAPE.values()).put(pictures.get(i));
                Reconstructor.Result result = reconstructor.reconstruct(new String[] {"id" + i}, bytes.flip());
                assertThat(result.baseBitsPerPixel()[0]).isNotEqualTo(result.bitsPerPixel()[0]);
                bits += result.baseBitsPerPixel()[0] / JUDGED;
                samples[i] = sampler.sample(new long[] {i})[0];
            }
        }
        HeldOutReport report = found.report;
        assertThat(report.psnrDecibels()).isNull();
        assertThat(report.shown()).isEqualTo("samples");
        // batches of another size may take other kernels: rounding of float32, and a pixel rounded the other way
        assertThat(report.bitsPerPixel()).isCloseTo(bits, within(1e-5 * bits));
        byte[][] originals = pictures.subList(0, JUDGED).toArray(byte[][]::new);
        double distance = FrechetDistance.between(
                FeatureStats.of(MEAN_COLOURS.of(originals, SHAPE)), FeatureStats.of(MEAN_COLOURS.of(samples, SHAPE)));
        assertThat(Objects.requireNonNull(report.distance()).value()).isCloseTo(distance, within(1e-3 * distance));
        assertSameButForRounding(found.grid, PictureGrid.png(List.of(samples).subList(0, 3), SHAPE));
    }
}
