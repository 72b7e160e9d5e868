package io.unifiedlatents.core.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.config.StageConfig;
import io.unifiedlatents.core.data.MicroBatch;
import io.unifiedlatents.core.data.MicroBatches;
import io.unifiedlatents.core.telemetry.PhaseTimer;
import io.unifiedlatents.core.telemetry.PhaseTimer.Phase;
import io.unifiedlatents.core.telemetry.PhaseTimer.Span;
import io.unifiedlatents.core.torchscript.Program;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

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

    TrainStep(Objective objective, StageConfig config, TrainState state, PhaseTimer timer) {
        this.objective = objective;
        this.config = config;
        this.state = state;
        this.timer = timer;
        this.program = Program.load(objective.archive(), state.device());
        this.optimizer = new Optimizer(config.optimizer(), state);
    }

    /** What a step found: the terms' means over the global batch, and the norm before clipping. */
    record Result(double[] terms, double gradientNorm) {}

    Result run(long step, MicroBatches batches, int ownBatches, Collective collective)
            throws IOException, InterruptedException {
        double[] sums = accumulate(step, batches, ownBatches);
        try (Span span = timer.span(Phase.COMMUNICATION)) {
            collective.reduceScatter(state.gradientMemory(), state.partition());
        }
        double norm = Math.sqrt(collective.allReduce(optimizer.power(state)));
        double[] terms = means(sums, collective);
        requireFinite(step, norm, terms);
        double clip = Math.min(1, config.optimizer().clipNorm() / Math.max(norm, Double.MIN_NORMAL));
        try (Span span = timer.span(Phase.COMPUTE)) {
            optimizer.update(state, step, config.run().steps(), clip);
        }
        try (Span span = timer.span(Phase.COMMUNICATION)) {
            collective.allGather(state.parameterMemory(), state.partition());
        }
        return new Result(terms, norm);
    }

    /** Forward and backward of the own micro-batches; their gradients add up in the state. */
    private double[] accumulate(long step, MicroBatches batches, int ownBatches)
            throws IOException, InterruptedException {
        float[] coefficients = objective.coefficients(step, config.run().globalBatch());
        float[] scalars = objective.scalars(step, config.run().globalBatch());
        double[] sums = new double[objective.terms().size()];
        for (int i = 0; i < ownBatches; i++) {
            MicroBatch batch;
            try (Span span = timer.span(Phase.DATA)) {
                batch = batches.take();
            }
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
        return sums;
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

    private double[] means(double[] sums, Collective collective) throws IOException {
        double[] means = new double[sums.length];
        for (int k = 0; k < sums.length; k++) {
            means[k] = collective.allReduce(sums[k]) / config.run().globalBatch();
        }
        return means;
    }

    private void requireFinite(long step, double norm, double[] terms) {
        boolean finite = Double.isFinite(norm);
        for (double term : terms) {
            finite &= Double.isFinite(term);
        }
        if (!finite) {
            throw new NonFiniteException("step " + step + ": " + objective.terms() + " are "
                    + java.util.Arrays.toString(terms) + " and the gradient's norm is " + norm
                    + "; lower the learning rate or clipNorm, or compute in fp32, and resume from the last checkpoint");
        }
    }

    @Override
    public void close() {
        optimizer.close();
        program.close();
    }
}
