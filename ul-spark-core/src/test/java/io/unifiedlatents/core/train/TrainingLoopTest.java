package io.unifiedlatents.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.unifiedlatents.core.checkpoint.CheckpointHeader;
import io.unifiedlatents.core.checkpoint.CheckpointManifest;
import io.unifiedlatents.core.checkpoint.Checkpoints;
import io.unifiedlatents.core.checkpoint.RunIdentity;
import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.collective.SoloCollective;
import io.unifiedlatents.core.collective.ring.Encryption;
import io.unifiedlatents.core.collective.ring.TcpRing;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.Encoding;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.ImageCodec;
import io.unifiedlatents.core.data.ImageRow;
import io.unifiedlatents.core.data.Ledger;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.data.RowGroupLimit;
import io.unifiedlatents.core.data.ShardFooter;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.core.data.ShardWriter;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.storage.SafeTensors;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.telemetry.PhaseTimer.Phase;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stage 1 at its smallest, over real shards, sockets and checkpoints; ranks are threads. */
class TrainingLoopTest {
    private static final int STEPS = 6;

    /** A large epsilon makes AdamW's step a smooth function of the gradient, so that rounding stays rounding. */
    private static final RunConfig CONFIG = ConfigLoader.load(
            "tiny",
            "",
            List.of(
                    "decoder.dropout=0.1",
                    "objective.priorGradientWarmupSteps=3",
                    "trainLatents.run={steps: 6, microBatch: 2, keepCheckpoints: 9, logEvery: 1}",
                    "trainLatents.optimizer={learningRate: 0.01, warmupSteps: 2, epsilon: 0.01}"));

    @TempDir
    private Path directory;

    private Dataset images;

    @BeforeEach
    void writeShards() throws IOException {
        Storage storage = Storage.at(directory.resolve("images").toString(), new Configuration());
        ShardFooter footer = new ShardFooter("none", Encoding.PNG, List.of("only"), "config");
        try (ShardWriter<ImageRow> writer =
                ShardWriter.images(storage, "shard.parquet", RowGroupLimit.rows(3), footer)) {
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < 19; i++) {
                byte[] pixels = new byte[3 * 8 * 8];
                random.nextBytes(pixels);
                byte[] png = ImageCodec.encodePng(new Rgb(8, 8, pixels));
                writer.write(new ImageRow("id" + i, png, 0, "only", null, 8, 8, i + ".png", Hashes.sha256(png)));
            }
            ShardInfo shard = writer.finish();
            images = Dataset.publish(
                    storage, DatasetManifest.images(SampleShape.picture(8, 8), footer, 1, List.of(shard)));
        }
    }

    private Checkpoints checkpoints(String run) throws IOException {
        return Checkpoints.at(Storage.at(directory.resolve(run).toString(), new Configuration()));
    }

    private Ledger ledger(String run) throws IOException {
        return new Ledger(Storage.at(directory.resolve(run).toString(), new Configuration()));
    }

    private TrainingLoop loop(String run, RunConfig config) throws IOException {
        return loop(run, config, Checkup.never());
    }

    private TrainingLoop loop(String run, RunConfig config, Checkup checkup) throws IOException {
        Objective objective = LatentsObjective.of(
                UnifiedLatents.of(config.networks(), config.objective(), config.compute()),
                config.objective(),
                DType.FLOAT32,
                config.seed());
        CheckpointHeader header = CheckpointHeader.of(
                objective.layout(),
                objective.scriptHash(),
                new RunIdentity(StageName.LATENTS, config, Map.of()),
                ConfigLoader.tree(config));
        return new TrainingLoop(
                objective,
                config.trainLatents(),
                config.data(),
                images,
                null,
                checkpoints(run),
                header,
                StartWeights.open(config.trainLatents().run(), objective.layout(), new Configuration()),
                ledger(run),
                checkup,
                config.cluster().gradientWire(),
                Device.cpu(),
                config.seed());
    }

    /** Runs on as many ranks as threads; every rank's reports go to {@code reports}. */
    private void train(String run, RunConfig config, int worldSize, Consumer<TrainReport> reports) throws Exception {
        train(run, config, worldSize, Checkup.never(), reports);
    }

    private void train(String run, RunConfig config, int worldSize, Checkup checkup, Consumer<TrainReport> reports)
            throws Exception {
        if (worldSize == 1) {
            loop(run, config, checkup).run(new SoloCollective(), new Pulse(), reports);
            return;
        }
        ExecutorService threads = Executors.newFixedThreadPool(worldSize);
        List<TcpRing.Listener> listeners = new ArrayList<>();
        try {
            List<String> addresses = new ArrayList<>();
            for (int rank = 0; rank < worldSize; rank++) {
                listeners.add(TcpRing.Listener.open("127.0.0.1", 0, 0));
                addresses.add(listeners.get(rank).address());
            }
            List<Future<Long>> results = new ArrayList<>();
            for (int rank = 0; rank < worldSize; rank++) {
                int own = rank;
                Callable<Long> task = () -> {
                    try (Collective ring = listeners
                            .get(own)
                            .connect(own, addresses, "test", new byte[32], Encryption.NONE, Duration.ofSeconds(60))) {
                        return loop(run, config, checkup).run(ring, new Pulse(), reports);
                    }
                };
                results.add(threads.submit(task));
            }
            for (Future<Long> result : results) {
                result.get();
            }
        } finally {
            threads.shutdownNow();
            for (TcpRing.Listener listener : listeners) {
                listener.close();
            }
        }
    }

    private float[] state(String run, String vector) throws IOException {
        Checkpoints checkpoints = checkpoints(run);
        CheckpointManifest manifest = checkpoints.newestReadable().orElseThrow();
        assertThat(manifest.step()).isEqualTo(STEPS);
        return stateAt(run, vector, STEPS);
    }

    private float[] stateAt(String run, String vector, long step) throws IOException {
        Checkpoints checkpoints = checkpoints(run);
        CheckpointManifest manifest = checkpoints.manifest(step);
        long size = loop(run, CONFIG).objective().layout().size();
        FloatVector values = FloatVector.allocate(size);
        checkpoints.read(manifest, vector, 0, size, values);
        return values.toArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aResumedRunEqualsAnUninterruptedOneBitForBit(int worldSize) throws Exception {
        train("whole", CONFIG, worldSize, report -> {});
        assertThatThrownBy(() -> train("broken", CONFIG, worldSize, report -> {
                    if (report.step() == 5) { // that of step 2 is committed, that of step 4 perhaps
                        throw new IllegalStateException("pulled the plug");
                    }
                }))
                .isInstanceOfAny(IllegalStateException.class, ExecutionException.class);
        List<Long> committed = checkpoints("broken").committed();
        assertThat(committed).contains(2L).isSubsetOf(2L, 4L);
        List<Long> resumedFrom = new ArrayList<>();
        train("broken", CONFIG, worldSize, report -> resumedFrom.add(report.step()));
        assertThat(resumedFrom).startsWith(committed.get(committed.size() - 1) + 1);
        for (String vector : List.of(Vectors.PARAMETERS, Vectors.MOMENT1, Vectors.MOMENT2, Vectors.AVERAGE)) {
            assertThat(state("broken", vector)).as(vector).containsExactly(state("whole", vector));
        }
    }

    @Test
    void aRunWhoseGlobalBatchGrowsGoesOnInItsData() throws Exception {
        RunConfig larger = with("trainLatents.run.globalBatch=16", "trainLatents.run.streams=4");
        train("grown", with("trainLatents.run.steps=2"), 1, report -> {});
        train("grown", larger, 2, report -> {});
        CheckpointManifest last = checkpoints("grown").newestReadable().orElseThrow();
        assertThat(last.samplesPerStream()).isEqualTo(2 * 2 + 4 * 4); // two steps of 2, four of 4
        List<Integer> sizes = new ArrayList<>();
        List<String> seen = new ArrayList<>();
        ledger("grown").audit(images, (step, ids) -> {
            sizes.add(ids.size());
            seen.addAll(ids);
        });
        assertThat(sizes).containsExactly(8, 8, 16, 16, 16, 16);
        assertThat(images.manifest().rows()).isEqualTo(19);
        assertThat(new HashSet<>(seen)).hasSize(19); // of 80 samples over four epochs none is left out
    }

    private static RunConfig with(String... overrides) {
        return ConfigLoader.load("", ConfigLoader.yaml(CONFIG), List.of(overrides));
    }

    @Test
    void aNewRunStartsFromTheWeightsOfAnother() throws Exception {
        train("first", CONFIG, 2, report -> {});
        String checkpoint =
                directory.resolve("first/checkpoints/step-000000000006").toString();
        // a rate that is 0 as a float: after one step the weights are those of the start
        List<String> still = List.of("trainLatents.run.steps=1", "trainLatents.optimizer.learningRate=1e-60");
        train("random", with(still.toArray(new String[0])), 1, report -> {});
        List<String> all = new ArrayList<>(still);
        all.add("trainLatents.run.startFrom=" + checkpoint);
        train("all", with(all.toArray(new String[0])), 1, report -> {});
        List<String> some = new ArrayList<>(all);
        some.add("trainLatents.run.startFromNames='encoder\\..*'");
        train("some", with(some.toArray(new String[0])), 2, report -> {});

        float[] average = stateAt("first", Vectors.AVERAGE, 6);
        float[] random = stateAt("random", Vectors.PARAMETERS, 1);
        assertThat(stateAt("all", Vectors.PARAMETERS, 1)).containsExactly(average);
        assertThat(stateAt("all", Vectors.AVERAGE, 1)).containsExactly(average);
        ParameterLayout layout = loop("first", CONFIG).objective().layout();
        int encoder = Math.toIntExact(layout.part("encoder").size());
        float[] mixed = stateAt("some", Vectors.PARAMETERS, 1);
        assertThat(layout.begin("encoder")).isZero();
        assertThat(Arrays.copyOf(mixed, encoder)).containsExactly(Arrays.copyOf(average, encoder));
        assertThat(Arrays.copyOfRange(mixed, encoder, mixed.length))
                .containsExactly(Arrays.copyOfRange(random, encoder, random.length));
    }

    @Test
    void weightsThatDoNotFitAreListed() throws Exception {
        train("first", with("trainLatents.run.steps=2"), 1, report -> {});
        String start = "trainLatents.run.startFrom=" + directory.resolve("first/checkpoints/step-000000000002");
        assertThatThrownBy(() -> loop("second", with(start, "prior.width=32", "prior.blocks=2")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("prior.in.weight has shape [16, 2] there and [32, 2] here")
                .hasMessageContaining("prior.block.1.norm1.gain is not there")
                .hasMessageNotContaining("encoder.");
        assertThatThrownBy(() -> loop("second", with(start, "trainLatents.run.startFromNames=nothing")))
                .hasMessageContaining("startFromNames='nothing' matches none of");
        assertThatThrownBy(() -> loop("second", with("trainLatents.run.startFrom=" + directory.resolve("first"))))
                .hasMessageContaining("neither a checkpoint");
        Storage files = Storage.at(directory.toString(), new Configuration());
        SafeTensors.write(
                files,
                "part.safetensors",
                Map.of(),
                List.of(new SafeTensors.Source("prior.norm.gain", 16, List.of(FloatBuffer.allocate(16)))));
        assertThat(loop(
                                "second",
                                with(
                                        "trainLatents.run.startFrom=" + directory.resolve("part.safetensors"),
                                        "trainLatents.run.startFromNames='prior\\.norm\\.gain'"))
                        .start())
                .extracting(StartWeights::parameters)
                .isEqualTo(1);
    }

    @Test
    void ranksTogetherComputeWhatOneComputesAlone() throws Exception {
        List<Double> losses = new ArrayList<>();
        train("one", CONFIG, 1, report -> losses.add(report.terms().get("loss")));
        List<Double> shared = new ArrayList<>();
        train("two", CONFIG, 2, report -> {
            synchronized (shared) {
                shared.add(report.terms().get("loss"));
            }
        });
        float[] one = state("one", Vectors.PARAMETERS);
        float[] two = state("two", Vectors.PARAMETERS);
        for (int i = 0; i < one.length; i++) {
            // micro-batches are summed in another order: gradients below 1 differ by 1e-7, a step multiplies that by
            // learningRate / epsilon = 1, and six steps feed it back
            assertThat(two[i]).as("parameter %d", i).isCloseTo(one[i], within(2e-5f));
        }
        assertThat(shared).hasSize(2 * STEPS);
        for (int i = 0; i < STEPS; i++) {
            assertThat(shared.get(2 * i)).isEqualTo(shared.get(2 * i + 1)); // both ranks report the same
            assertThat(shared.get(2 * i)).isCloseTo(losses.get(i), within(1e-3));
        }
    }

    @Test
    void gradientsThatTravelAsBfloat16GiveNearlyTheSameWeights() throws Exception {
        RunConfig narrow = ConfigLoader.load("", ConfigLoader.yaml(CONFIG), List.of("cluster.gradientWire=bf16"));
        train("wide", CONFIG, 2, report -> {});
        train("narrow", narrow, 2, report -> {});
        train("again", narrow, 2, report -> {});
        float[] wide = state("wide", Vectors.PARAMETERS);
        float[] values = state("narrow", Vectors.PARAMETERS);
        assertThat(state("again", Vectors.PARAMETERS)).containsExactly(values);
        assertThat(values).isNotEqualTo(wide);
        for (int i = 0; i < wide.length; i++) {
            // a clipped gradient is below 1 and loses at most 2⁻⁹ of itself in a step, which moves a weight by less
            // than learningRate / epsilon = 1 times that; six steps
            assertThat(values[i]).as("parameter %d", i).isCloseTo(wide[i], within(6 * 0x1p-9f));
        }
    }

    @Test
    void whatRoundingOwesDoesNotSetAResumedRunApart() throws Exception {
        RunConfig narrow = ConfigLoader.load("", ConfigLoader.yaml(CONFIG), List.of("cluster.gradientWire=bf16"));
        train("whole", narrow, 2, report -> {});
        assertThatThrownBy(() -> train("cut", narrow, 2, report -> {
                    if (report.step() == 5) {
                        throw new IllegalStateException("pulled the plug");
                    }
                }))
                .isInstanceOf(ExecutionException.class);
        train("cut", narrow, 2, report -> {});
        assertThat(state("cut", Vectors.PARAMETERS)).containsExactly(state("whole", Vectors.PARAMETERS));
    }

    @Test
    void aRunGoesOnWithAnotherWorldSize() throws Exception {
        train("whole", CONFIG, 1, report -> {});
        assertThatThrownBy(() -> train("moved", CONFIG, 2, report -> {
                    if (report.step() == 5) {
                        throw new IllegalStateException("pulled the plug");
                    }
                }))
                .isInstanceOf(ExecutionException.class);
        train("moved", CONFIG, 1, report -> {});
        float[] whole = state("whole", Vectors.AVERAGE);
        float[] moved = state("moved", Vectors.AVERAGE);
        for (int i = 0; i < whole.length; i++) {
            assertThat(moved[i]).isCloseTo(whole[i], within(2e-5f)); // reason as above
        }
    }

    /** Keeps what it is shown on each rank, every fourth step. */
    private record Witness(Map<String, float[]> seen) implements Checkup {
        @Override
        public int every() {
            return 4;
        }

        @Override
        public void run(long step, FloatBuffer average, Collective collective) throws IOException {
            float[] values = new float[average.remaining()];
            average.get(values);
            collective.barrier(); // fails where a rank is missing
            synchronized (seen) {
                seen.put("step " + step + " rank " + collective.rank(), values);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aCheckupSeesTheWholeAverageAndLeavesNoTrace(int worldSize) throws Exception {
        train("plain", CONFIG, worldSize, report -> {});
        Map<String, float[]> seen = new TreeMap<>();
        List<Double> evaluating = new ArrayList<>();
        train("watched", CONFIG, worldSize, new Witness(seen), report -> {
            synchronized (evaluating) {
                evaluating.add(report.phaseSeconds().getOrDefault(Phase.EVALUATION, -1.0));
            }
        });
        List<String> expected = new ArrayList<>();
        for (long step : new long[] {4, 6}) { // every fourth, and the last
            for (int rank = 0; rank < worldSize; rank++) {
                expected.add("step " + step + " rank " + rank);
            }
        }
        assertThat(seen.keySet()).containsExactlyElementsOf(expected);
        for (int rank = 0; rank < worldSize; rank++) {
            assertThat(seen.get("step 6 rank " + rank)).containsExactly(state("watched", Vectors.AVERAGE));
        }
        assertThat(evaluating).hasSize(STEPS * worldSize);
        assertThat(evaluating.stream().filter(seconds -> seconds > 0)).hasSize(2 * worldSize);

        assertThatThrownBy(() -> train("resumed", CONFIG, worldSize, new Witness(new TreeMap<>()), report -> {
                    if (report.step() == 5) {
                        throw new IllegalStateException("pulled the plug");
                    }
                }))
                .isInstanceOfAny(IllegalStateException.class, ExecutionException.class);
        train("resumed", CONFIG, worldSize, new Witness(new TreeMap<>()), report -> {});
        for (String vector : List.of(Vectors.PARAMETERS, Vectors.MOMENT1, Vectors.MOMENT2, Vectors.AVERAGE)) {
            float[] plain = state("plain", vector);
            assertThat(state("watched", vector)).as(vector).containsExactly(plain);
            assertThat(state("resumed", vector)).as(vector).containsExactly(plain);
        }
    }

    @Test
    void aCheckupThatFailsSaysSoAndLosesNoCheckpoint() throws Exception {
        Checkup broken = new Checkup() {
            @Override
            public int every() {
                return STEPS;
            }

            @Override
            public void run(long step, FloatBuffer average, Collective collective) throws IOException {
                throw new IOException("no space left on device");
            }
        };
        assertThatThrownBy(() -> train("run", CONFIG, 1, broken, report -> {}))
                .isInstanceOf(CheckupFailedException.class)
                .hasMessageContaining("evaluation after step 6: no space left on device")
                .hasMessageContaining("run.evaluateEvery=0")
                .hasCauseInstanceOf(IOException.class);
        assertThat(checkpoints("run").committed()).containsExactly(2L, 4L, 6L);
    }

    /** 48 samples are trained: epochs 0 and 1 of 19 whole, and 10 of the next two (streams cross epochs apart). */
    @Test
    void afterKillsStopsAndMovesTheLedgerHasEverySampleOfAnEpochOnce() throws Exception {
        assertThatThrownBy(() -> train("run", CONFIG, 2, report -> {
                    if (report.step() == 3) {
                        throw new IllegalStateException("pulled the plug");
                    }
                }))
                .isInstanceOf(ExecutionException.class);
        Pulse pulse = new Pulse();
        long stoppedAt = loop("run", CONFIG).run(new SoloCollective(), pulse, report -> {
            if (report.step() == 4) {
                pulse.requestStop();
            }
        });
        assertThat(stoppedAt).isEqualTo(5);
        assertThat(checkpoints("run").committed()).containsExactly(2L, 4L, 5L);
        train("run", CONFIG, 2, report -> {});

        Map<String, Integer> uses = new TreeMap<>();
        List<Long> steps = new ArrayList<>();
        ledger("run").audit(images, (step, ids) -> {
            steps.add(step);
            ids.forEach(id -> uses.merge(id, 1, Integer::sum));
        });
        assertThat(steps).containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
        assertThat(uses).hasSize(19);
        assertThat(uses.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(48);
        assertThat(uses.values()).allMatch(count -> count == 2 || count == 3);
    }

    @Test
    void refusesTheCheckpointOfAnotherModel() throws Exception {
        train("run", CONFIG, 1, report -> {});
        RunConfig wider = ConfigLoader.load("", ConfigLoader.yaml(CONFIG), List.of("prior.width=32"));
        assertThatThrownBy(() -> train("run", wider, 1, report -> {}))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("checkpoint of step 6 holds another model")
                .hasMessageContaining("another runDirectory");
    }

    @Test
    void aLossThatIsNoNumberStopsTheRun() throws Exception {
        RunConfig wild =
                ConfigLoader.load("", ConfigLoader.yaml(CONFIG), List.of("trainLatents.optimizer.learningRate=1.0e30"));
        assertThatThrownBy(() -> train("wild", wild, 1, report -> {}))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageContaining("lower the learning rate");
    }
}
