package io.unifiedlatents.core.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.config.Precision;
import io.unifiedlatents.core.config.StageConfig;
import io.unifiedlatents.core.data.Ledger;
import io.unifiedlatents.core.data.MicroBatch;
import io.unifiedlatents.core.data.MicroBatches;
import io.unifiedlatents.core.telemetry.PhaseTimer;
import io.unifiedlatents.core.telemetry.PhaseTimer.Phase;
import io.unifiedlatents.core.telemetry.PhaseTimer.Span;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.Program;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * One optimizer step of one rank: gradients of its micro-batches summed, averaged over the ranks, clipped by global
 * norm, AdamW and moving average on the own range, parameters gathered.
 *
 * <p>Backward of the last micro-batch runs in segments, and what a segment has finished is summed over the ranks while
 * the next one runs.
 */
final class TrainStep implements AutoCloseable {
    /** Values beside the terms that the ranks sum in a step. */
    static final int EXTRA_SUMS = 4;

    private final Objective objective;
    private final StageConfig config;
    private final TrainState state;
    private final Program program;
    private final Optimizer optimizer;
    private final PhaseTimer timer;
    private final Collective collective;
    private final GradientReduction reduction;
    private final List<Graph.Segment> segments;

    TrainStep(
            Objective objective,
            StageConfig config,
            Precision gradientWire,
            TrainState state,
            Collective collective,
            PhaseTimer timer) {
        this.objective = objective;
        this.config = config;
        this.state = state;
        this.collective = collective;
        this.timer = timer;
        this.program = Program.load(objective.archive(), state.device());
        this.optimizer = new Optimizer(config.optimizer(), state);
        this.reduction = new GradientReduction(collective, state.partition(), state.gradientMemory(), gradientWire);
        this.segments = collective.worldSize() > 1
                ? objective.graph().segments()
                : List.of(); // nothing travels, nothing to hide
    }

    /**
     * The result of a step, the same on every rank.
     *
     * @param terms means over the global batch
     * @param gradientNorm before clipping
     * @param sampleDigest see {@link Ledger#digest}
     * @param stop whether some rank wants to end here
     * @param overlappedNanos of this rank: time of communication while it computed
     */
    record Result(double[] terms, double gradientNorm, long sampleDigest, boolean stop, long overlappedNanos) {}

    Result run(long step, MicroBatches batches, int ownBatches, boolean stopRequested)
            throws IOException, InterruptedException {
        Sums own = accumulate(step, batches, ownBatches);
        Sums all;
        double power;
        boolean stop;
        long overlapped;
        try (Span span = timer.span(Phase.COMMUNICATION)) {
            long waitsFrom = System.nanoTime();
            overlapped = Math.max(0, reduction.await() - (System.nanoTime() - waitsFrom));
            double[] sums = collective.allReduce(own.with(optimizer.power(state), stopRequested ? 1 : 0));
            all = Sums.of(sums, own.terms.length);
            power = sums[sums.length - 2];
            stop = sums[sums.length - 1] > 0;
        }
        double norm = Math.sqrt(power);
        double[] terms = Arrays.stream(all.terms)
                .map(sum -> sum / config.run().globalBatch())
                .toArray();
        requireFinite(step, norm, terms);
        double clip = Math.min(1, config.optimizer().clipNorm() / Math.max(norm, Double.MIN_NORMAL));
        try (Span span = timer.span(Phase.COMPUTE)) {
            optimizer.update(state, step, config.run().steps(), clip);
        }
        try (Span span = timer.span(Phase.COMMUNICATION)) {
            collective.allGather(state.parameterMemory(), state.partition());
        }
        return new Result(terms, norm, all.digest, stop, overlapped);
    }

    /** Sums over samples: of the terms, and of the digests of their ids modulo 2⁶⁴. */
    private record Sums(double[] terms, long digest) {
        private static final double TWO_TO_32 = 0x1.0p32;

        /**
         * The values that a rank gives to the sum over ranks: the terms, the digest in two halves whose sums a double
         * holds exactly, and two more.
         *
         * @param power sum of the squares of the own range of the gradient
         * @param votes 1 to end after this step, else 0
         */
        double[] with(double power, double votes) {
            double[] values = Arrays.copyOf(terms, terms.length + EXTRA_SUMS);
            values[terms.length] = digest >>> 32;
            values[terms.length + 1] = digest & 0xFFFFFFFFL;
            values[terms.length + 2] = power;
            values[terms.length + 3] = votes;
            return values;
        }

        /** Takes terms and digest out of values that were summed over the ranks. */
        static Sums of(double[] values, int terms) {
            long digest = ((long) (values[terms] % TWO_TO_32) << 32) + (long) values[terms + 1];
            return new Sums(Arrays.copyOf(values, terms), digest);
        }
    }

    /** Forward and backward of the own micro-batches; their gradients add up in the state, and start to travel. */
    private Sums accumulate(long step, MicroBatches batches, int ownBatches) throws IOException, InterruptedException {
        int globalBatch = config.run().globalBatch();
        List<float[]> coefficients = objective.coefficients(step, globalBatch);
        double[] sums = new double[objective.terms().size()];
        long digest = 0;
        for (int i = 0; i < ownBatches; i++) {
            MicroBatch batch;
            try (Span span = timer.span(Phase.DATA)) {
                batch = batches.take();
            }
            digest += Ledger.digest(batch);
            try (Span span = timer.span(Phase.COMPUTE);
                    NDManager call = state.manager().newSubManager()) {
                NDArray[] inputs = objective.feed(
                        call, new Input.Feed(state.parameters(), state.gradient(), batch, coefficients, globalBatch));
                float[] terms = i < ownBatches - 1 || segments.isEmpty()
                        ? program.call(Objective.METHOD, call, inputs)
                                .singletonOrThrow()
                                .toFloatArray() // [B, terms]
                        : inSegments(call, inputs);
                for (int k = 0; k < terms.length; k++) {
                    sums[k % sums.length] += terms[k];
                }
            }
        }
        if (segments.isEmpty()) {
            reduction.start(0, objective.layout().size());
        } else if (ownBatches == 0) {
            segments.forEach(segment -> reduction.start(segment.begin(), segment.end()));
        }
        return new Sums(sums, digest);
    }

    /** The method in parts; what a segment of backward has finished travels while the next one runs. */
    private float[] inSegments(NDManager call, NDArray[] inputs) {
        NDList kept = program.call(Objective.METHOD + Graph.FORWARD, call, inputs);
        NDList upstream = new NDList();
        for (Graph.Segment segment : segments) {
            upstream = program.call(segment.method(), call, new NDList(kept).addAll(upstream), state.gradient());
            reduction.start(segment.begin(), segment.end());
        }
        return kept.get(0).toFloatArray(); // [B, terms]
    }

    private void requireFinite(long step, double norm, double[] terms) {
        boolean finite = Double.isFinite(norm);
        for (double term : terms) {
            finite &= Double.isFinite(term);
        }
        if (!finite) {
            throw new NonFiniteException("step " + step + ": " + objective.terms() + " are "
                    + Arrays.toString(terms) + " and the gradient's norm is " + norm
                    + "; lower the learning rate or clipNorm, or compute in fp32, and resume from the last checkpoint");
        }
    }

    /** Forgets what rounding of gradients on their way has taken so far, which later steps would make up for. */
    void clearRounding() {
        reduction.clearRounding();
    }

    @Override
    public void close() {
        reduction.close();
        optimizer.close();
        program.close();
    }
}
