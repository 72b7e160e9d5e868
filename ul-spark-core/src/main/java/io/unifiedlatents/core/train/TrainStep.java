package io.unifiedlatents.core.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.ErrorFeedback;
import io.unifiedlatents.core.config.StageConfig;
import io.unifiedlatents.core.data.Ledger;
import io.unifiedlatents.core.data.MicroBatch;
import io.unifiedlatents.core.data.MicroBatches;
import io.unifiedlatents.core.telemetry.PhaseTimer;
import io.unifiedlatents.core.telemetry.PhaseTimer.Phase;
import io.unifiedlatents.core.telemetry.PhaseTimer.Span;
import io.unifiedlatents.core.torchscript.Program;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One optimizer step of one rank: gradients of its micro-batches summed, averaged over the ranks, clipped by global
 * norm, AdamW and moving average on the own range, parameters gathered.
 */
final class TrainStep implements AutoCloseable {
    private final Objective objective;
    private final StageConfig config;
    private final TrainState state;
    private final Program program;
    private final Optimizer optimizer;
    private final PhaseTimer timer;
    private final @Nullable ErrorFeedback feedback; // where gradients are rounded on their way

    TrainStep(Objective objective, StageConfig config, String gradientWire, TrainState state, PhaseTimer timer) {
        this.objective = objective;
        this.config = config;
        this.state = state;
        this.timer = timer;
        this.feedback = gradientWire.equals("bf16")
                ? new ErrorFeedback(objective.layout().size())
                : null;
        this.program = Program.load(objective.archive(), state.device());
        this.optimizer = new Optimizer(config.optimizer(), state);
    }

    /**
     * What a step found, the same on every rank.
     *
     * @param terms means over the global batch
     * @param gradientNorm before clipping
     * @param sampleDigest see {@link Ledger#digest}
     * @param stop whether some rank wants to end here
     */
    record Result(double[] terms, double gradientNorm, long sampleDigest, boolean stop) {}

    Result run(long step, MicroBatches batches, int ownBatches, boolean stopRequested, Collective collective)
            throws IOException, InterruptedException {
        Sums own = accumulate(step, batches, ownBatches);
        Sums all;
        double power;
        boolean stop;
        try (Span span = timer.span(Phase.COMMUNICATION)) {
            if (feedback == null) {
                collective.reduceScatter(state.gradientMemory(), state.partition());
            } else {
                collective.reduceScatter(state.gradientMemory(), state.partition(), feedback);
            }
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
        return new Result(terms, norm, all.digest, stop);
    }

    /** Sums over samples: of the terms, and of the digests of their ids modulo 2⁶⁴. */
    private record Sums(double[] terms, long digest) {
        private static final double TWO_TO_32 = 0x1.0p32;

        /** As numbers whose sums over ranks are exact, with two more behind. */
        double[] with(double power, double votes) {
            double[] values = Arrays.copyOf(terms, terms.length + 4);
            values[terms.length] = digest >>> 32;
            values[terms.length + 1] = digest & 0xFFFFFFFFL;
            values[terms.length + 2] = power;
            values[terms.length + 3] = votes;
            return values;
        }

        /** The reverse, of numbers summed over ranks. */
        static Sums of(double[] values, int terms) {
            long digest = ((long) (values[terms] % TWO_TO_32) << 32) + (long) values[terms + 1];
            return new Sums(Arrays.copyOf(values, terms), digest);
        }
    }

    /** Forward and backward of the own micro-batches; their gradients add up in the state. */
    private Sums accumulate(long step, MicroBatches batches, int ownBatches) throws IOException, InterruptedException {
        float[] coefficients = objective.coefficients(step, config.run().globalBatch());
        float[] scalars = objective.scalars(step, config.run().globalBatch());
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
                float[] terms = program.call(Objective.METHOD, call, inputs(call, batch, coefficients, scalars))
                        .singletonOrThrow()
                        .toFloatArray(); // [B, terms]
                for (int k = 0; k < terms.length; k++) {
                    sums[k % sums.length] += terms[k];
                }
            }
        }
        return new Sums(sums, digest);
    }

    private NDArray[] inputs(NDManager call, MicroBatch batch, float[] coefficients, float[] scalars) {
        int size = batch.size();
        int columns = objective.columns();
        Shape pixels = new Shape(size, batch.resolution(), batch.resolution(), 3);
        float[] rows = new float[size * columns];
        System.arraycopy(coefficients, batch.stream() * rows.length, rows, 0, rows.length);
        List<NDArray> inputs = new ArrayList<>();
        inputs.add(state.parameters());
        inputs.add(state.gradient());
        // duplicates: DJL moves the position of a buffer that it reads, and these are filled again
        inputs.add(call.create(batch.pixels().duplicate(), pixels, DataType.UINT8));
        FloatBuffer latents = batch.latents();
        if (latents != null) {
            List<Long> shape = objective.latentShape();
            inputs.add(call.create(latents.duplicate(), new Shape(size, shape.get(1), shape.get(2), shape.get(3))));
        }
        inputs.add(call.create(rows, new Shape(size, columns)));
        inputs.add(call.create(scalars));
        inputs.add(call.create(new long[] {objective.noiseSeed(batch)}));
        return inputs.toArray(new NDArray[0]);
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

    @Override
    public void close() {
        optimizer.close();
        program.close();
    }
}
