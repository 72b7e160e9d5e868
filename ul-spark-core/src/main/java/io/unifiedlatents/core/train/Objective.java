package io.unifiedlatents.core.train;

import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.MicroBatch;
import io.unifiedlatents.core.loss.Diffusion;
import io.unifiedlatents.core.random.Seeds;
import io.unifiedlatents.core.schedule.NoiseLevel;
import io.unifiedlatents.core.schedule.NoiseSchedule;
import io.unifiedlatents.core.schedule.StratifiedTimes;
import io.unifiedlatents.core.schedule.Weighting;
import io.unifiedlatents.core.torchscript.Archive;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a stage trains: a script with the method {@value #METHOD}, which adds the gradient of one micro-batch onto the
 * flat gradient, and what that method is fed. Immutable; {@link LatentsObjective}, {@link DecoderObjective} and
 * {@link BaseObjective} write them.
 *
 * <p>The method takes (parameters [N], gradient [N], pixels uint8 [B, R, R, 3], latents [B, C, h, w] and labels int64
 * [B] where wanted, coefficients [B, 4·levels], scalars [2], seeds int64 [1]) and returns the terms, float32 [B,
 * terms].
 *
 * @param graph the method, written
 * @param layout where the parameters lie
 * @param terms names of the returned columns, the first is the loss; in bits per pixel but for {@code latentPower}
 * @param levels diffusions whose noise levels the coefficients hold, four columns each
 * @param wantsPixels whether batches must carry pixels
 * @param latentShape [-1, C, h, w] where batches must carry latents, else empty
 * @param classes whose labels batches are fed with, see {@link #labels}; null for none
 * @param priorGradientWarmupSteps see {@link io.unifiedlatents.core.config.ObjectiveConfig}
 * @param seed of the run
 */
public record Objective(
        Graph graph,
        ParameterLayout layout,
        List<String> terms,
        List<Level> levels,
        boolean wantsPixels,
        List<Long> latentShape,
        @Nullable Classes classes,
        int priorGradientWarmupSteps,
        long seed) {
    /** Name of the method. */
    public static final String METHOD = "accumulate";

    /** A diffusion, the weighting of its loss, and the purpose that keys its times. */
    record Level(NoiseSchedule schedule, Weighting weighting, String purpose) {}

    /**
     * Classes that a network is told of.
     *
     * @param count of them
     * @param dropout share of samples that are fed as of no class, {@code count} instead of their label
     */
    public record Classes(int count, double dropout) {}

    /** Labels of the samples of a micro-batch as the method takes them, int64; empty where it takes none. */
    public long[] labels(MicroBatch batch) {
        if (classes == null) {
            return new long[0];
        }
        long[] labels = new long[batch.size()];
        for (int i = 0; i < labels.length; i++) {
            long drawn = Seeds.of(seed, "class dropout", batch.step(), batch.stream(), batch.firstIndex() + i);
            labels[i] = Seeds.unitInterval(drawn) < classes.dropout ? classes.count : batch.labels()[i];
        }
        return labels;
    }

    /** Whether batches must carry latents. */
    public boolean wantsLatents() {
        return !latentShape.isEmpty();
    }

    /** Bytes of the pixels and latents of a sample, as batches carry them. */
    public long bytesPerSample(int resolution) {
        long latents =
                wantsLatents() ? Float.BYTES * latentShape.stream().skip(1).reduce(1L, Math::multiplyExact) : 0;
        return latents + (wantsPixels ? 3L * resolution * resolution : 0);
    }

    /** Numbers a sample has in {@link #coefficients}. */
    public int columns() {
        return Diffusion.COLUMNS * levels.size();
    }

    /**
     * Coefficients of the samples of a whole global batch, at stratified times.
     *
     * @return globalBatch rows of α, σ, λ and the weight of ‖v − v̂‖² for each level, row-major
     */
    public float[] coefficients(long step, int globalBatch) {
        float[] rows = new float[globalBatch * columns()];
        for (int k = 0; k < levels.size(); k++) {
            Level level = levels.get(k);
            double[] times = StratifiedTimes.of(globalBatch, Seeds.of(seed, level.purpose(), step));
            for (int row = 0; row < globalBatch; row++) {
                NoiseLevel noise = level.schedule().at(times[row]);
                int at = row * columns() + Diffusion.COLUMNS * k;
                rows[at] = (float) noise.alpha();
                rows[at + 1] = (float) noise.sigma();
                rows[at + 2] = (float) noise.logSnr();
                rows[at + 3] = (float) noise.velocityWeight(level.weighting());
            }
        }
        return rows;
    }

    /** Numbers that are the same for all samples of a step: {1 / globalBatch, share of the prior's pull}. */
    public float[] scalars(long step, int globalBatch) {
        double grown = priorGradientWarmupSteps == 0 ? 1 : Math.min(1, (double) step / priorGradientWarmupSteps);
        return new float[] {1f / globalBatch, (float) grown};
    }

    /** Seed of the noise of a micro-batch: keyed by step and global micro-batch, never by rank. */
    public long noiseSeed(MicroBatch batch) {
        return Seeds.of(seed, "noise", batch.step(), batch.number());
    }

    /** FLOPs of forward and backward of one sample: three times forward, as usual. */
    public double trainingFlops() {
        return 3.0 * graph.flops();
    }

    /** SHA-256 of the text of the script: what a step computes. */
    public String scriptHash() {
        return Hashes.sha256(archive().code());
    }

    /** The script. */
    public Archive archive() {
        return Archive.of(graph);
    }
}
