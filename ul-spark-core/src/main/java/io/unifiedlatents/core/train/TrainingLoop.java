package io.unifiedlatents.core.train;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.unifiedlatents.core.checkpoint.CheckpointHeader;
import io.unifiedlatents.core.checkpoint.CheckpointManifest;
import io.unifiedlatents.core.checkpoint.CheckpointWriter;
import io.unifiedlatents.core.checkpoint.Checkpoints;
import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.Floats;
import io.unifiedlatents.core.collective.Partition;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.DataConfig;
import io.unifiedlatents.core.config.Precision;
import io.unifiedlatents.core.config.StageConfig;
import io.unifiedlatents.core.config.TrainConfig;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.Ledger;
import io.unifiedlatents.core.data.MicroBatches;
import io.unifiedlatents.core.data.MicroBatches.Position;
import io.unifiedlatents.core.data.SampleOrder;
import io.unifiedlatents.core.random.Seeds;
import io.unifiedlatents.core.telemetry.PhaseTimer.Phase;
import io.unifiedlatents.core.telemetry.PhaseTimer.Span;
import io.unifiedlatents.core.torchscript.Torch;
import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Trains one stage on one rank, from the newest checkpoint (or from the start) to the last step. Every rank runs the
 * same loop; they meet in the collective.
 *
 * @param objective what is trained
 * @param config length, batch, optimizer
 * @param data how samples are read
 * @param images training pictures
 * @param latents their latents, where the objective wants them
 * @param checkpoints where state is kept
 * @param header what identifies the run in its checkpoints
 * @param start weights that a new run starts from; null for random ones
 * @param ledger where the samples of each step are recorded
 * @param checkup what judges the moving average on the way
 * @param gradientWire how gradients travel, see {@link io.unifiedlatents.core.config.ClusterConfig}
 * @param device of this rank
 * @param seed of the run
 */
public record TrainingLoop(
        Objective objective,
        StageConfig config,
        DataConfig data,
        Dataset images,
        @Nullable Dataset latents,
        Checkpoints checkpoints,
        CheckpointHeader header,
        @Nullable StartWeights start,
        Ledger ledger,
        Checkup checkup,
        Precision gradientWire,
        Device device,
        long seed) {
    /** Part of starting, see {@link Pulse#reached}: libtorch and the memory of the state. */
    public static final String LOADED = "libtorch";

    /** Part of starting: the newest checkpoint is found, verified and read. */
    public static final String RESTORED = "checkpoint";

    /** Part of starting: the training program is loaded and has made a step. */
    public static final String FIRST_STEP = "program and first step";

    /**
     * Runs to the last step, or to the step after which a rank is asked to stop; then everything is committed.
     *
     * @param collective of this attempt; stays open
     * @param pulse what other threads see of this rank, and ask of it
     * @param reports receives progress on every rank, every {@code logEvery} steps and after the last
     * @return steps done
     * @throws NonFiniteException if a loss or gradient is no number
     * @throws CheckupFailedException if the checkup fails; what was to be committed by then is
     */
    public long run(Collective collective, Pulse pulse, Consumer<TrainReport> reports)
            throws IOException, InterruptedException {
        TrainConfig run = config.run();
        Partition partition = new Partition(objective.layout().size(), collective.worldSize());
        SampleOrder order = new SampleOrder(seed, images.rowGroupRows(), run.streams(), data.windowGroups());
        int[] streams = order.streamsOf(collective.rank(), collective.worldSize());

        try (TrainState state = new TrainState(
                objective.layout(), partition, collective.rank(), device, Seeds.of(seed, "parameters"))) {
            pulse.reached(LOADED);
            CheckpointManifest resumed = restore(state, collective);
            Position position = position(resumed);
            long done = position.step();
            pulse.at(done);
            pulse.reached(RESTORED);
            LedgerWindow samples = new LedgerWindow(ledger, recipe(), done);
            ReportWindow window = new ReportWindow(objective, run, pulse.timer(), done);
            try (CheckpointWriter writer = writer(collective, partition, resumed);
                    TrainStep step = new TrainStep(objective, config, gradientWire, state, collective, pulse.timer());
                    MicroBatches batches = batches(order, streams, position)) {
                boolean last = done >= run.steps();
                while (!last) {
                    collective.at("step " + done);
                    TrainStep.Result result = step.run(
                            done, batches, streams.length * run.microBatchesPerStream(), pulse.stopRequested());
                    window.add(result);
                    samples.add(result.sampleDigest());
                    position = position.next(run.samplesPerStream());
                    pulse.at(++done);
                    pulse.reached(FIRST_STEP);

                    last = done == run.steps() || result.stop();
                    try (Span span = pulse.timer().span(Phase.CHECKPOINT)) {
                        writer.advance();
                        if (last || done % run.checkpointEvery() == 0) {
                            writer.save(done, position.samplesPerStream(), state.ownRanges(), samples.close());
                            step.clearRounding(); // it is not saved: here the run goes on as a resumed one will
                        }
                        if (last) {
                            writer.finish();
                        }
                    }
                    if (checkup.isDue(done, last)) {
                        evaluate(done, state, collective, pulse);
                    }
                    if (last || done % run.logEvery() == 0) {
                        reports.accept(window.report(done, config.optimizer().learningRate(done - 1, run.steps())));
                    }
                }
            }
            return done;
        }
    }

    private void evaluate(long done, TrainState state, Collective collective, Pulse pulse) {
        collective.at("evaluation after step " + done);
        try (Span span = pulse.timer().span(Phase.EVALUATION);
                NDManager host = Torch.newManager(Device.cpu())) {
            checkup.run(done, Torch.floats(state.wholeAverage(host, collective)), collective);
        } catch (IOException | RuntimeException e) {
            throw new CheckupFailedException(done, e);
        }
    }

    private CheckpointWriter writer(Collective collective, Partition partition, @Nullable CheckpointManifest resumed)
            throws IOException {
        return new CheckpointWriter(
                checkpoints,
                collective,
                partition,
                header,
                new CheckpointWriter.Retention(
                        config.run().keepCheckpoints(), config.run().keepEvery()),
                resumed);
    }

    private Ledger.Recipe recipe() {
        return new Ledger.Recipe(
                images.manifest().datasetHash(),
                seed,
                config.run().streams(),
                config.run().samplesPerStream(),
                data.windowGroups());
    }

    private MicroBatches batches(SampleOrder order, int[] streams, Position start) {
        boolean flip = data.horizontalFlip() && !objective.wantsLatents();
        TrainConfig run = config.run();
        return MicroBatches.open(
                new MicroBatches.Source(images, objective.wantsPixels(), latents, order),
                new MicroBatches.Settings(
                        run.microBatch(), run.microBatchesPerStream(), flip, seed, data.decodeThreads()),
                streams,
                start);
    }

    /**
     * Loads the newest checkpoint that rank 0 finds readable, whatever world size wrote it; null where there is none.
     */
    private @Nullable CheckpointManifest restore(TrainState state, Collective collective) throws IOException {
        boolean chooses = collective.rank() == 0;
        long newest = chooses
                ? checkpoints.newestReadable().map(CheckpointManifest::step).orElse(0L)
                : 0;
        long step = (long) collective.allReduce((double) newest)[0]; // the same choice on every rank
        if (step == 0) {
            if (start != null) {
                state.startFrom(start);
            }
            return null;
        }
        CheckpointManifest manifest = checkpoints.manifest(step);
        Check.setting(
                manifest.layoutHash().equals(objective.layout().hash()),
                "checkpoint of step %d holds another model (layout %s, this config has %s); use the config it was"
                        + " trained with, or another runDirectory",
                manifest.step(),
                manifest.layoutHash(),
                objective.layout().hash());
        state.parameterMemory()
                .fill(values -> checkpoints.read(
                        manifest, Vectors.PARAMETERS, 0, objective.layout().size(), values));
        for (Map.Entry<String, Floats> own : state.ownRanges().entrySet()) {
            if (!state.isEmpty()) {
                own.getValue()
                        .fill(values -> checkpoints.read(manifest, own.getKey(), state.begin(), state.end(), values));
            }
        }
        return manifest;
    }

    /** The position in the data from which training goes on. */
    private Position position(@Nullable CheckpointManifest resumed) {
        if (resumed == null) {
            return Position.start();
        }
        long samples = resumed.samplesPerStream() >= 0
                ? resumed.samplesPerStream()
                : Math.multiplyExact(
                        resumed.step(), config.run().microBatch()); // of format version 1, one micro-batch a step
        return new Position(resumed.step(), samples);
    }
}
