package io.unifiedlatents.core.train;

import io.unifiedlatents.core.data.MicroBatch;
import io.unifiedlatents.core.torchscript.Archive;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import java.util.List;

/**
 * What a stage trains: a script {@value #METHOD} that adds the gradient of one micro-batch onto the flat gradient, and
 * the per-sample coefficients it wants. Immutable.
 */
public interface Objective {
    /** The script's method: (parameters, gradient, pixels, latents?, coefficients, scalars, seeds) → terms [B, T]. */
    String METHOD = "accumulate";

    /** The method as a graph; fills {@link #layout} when written. */
    Graph graph();

    /** Where the parameters lie. */
    ParameterLayout layout();

    /** Names of the returned columns, in bits per pixel but for those that say otherwise; the first is the loss. */
    List<String> terms();

    /** Whether batches must carry latents. */
    boolean wantsLatents();

    /** Shape of a batch of latents as the script takes it, [-1, C, h, w]. */
    long[] latentShape();

    /**
     * Per-sample coefficients of a whole global batch, from its stratified times.
     *
     * @return globalBatch × columns, row-major float32
     */
    float[] coefficients(long step, int globalBatch);

    /** Numbers a sample has in {@link #coefficients}. */
    int columns();

    /** Numbers that are the same for all samples of a step: {1 / globalBatch, …}. */
    float[] scalars(long step, int globalBatch);

    /** Seed of the noise of a micro-batch: keyed by step and global micro-batch, never by rank. */
    long noiseSeed(MicroBatch batch);

    /** FLOPs of forward and backward of one sample: three times forward, as usual. */
    default double trainingFlops() {
        return 3.0 * graph().flops();
    }

    /** The script. */
    default Archive archive() {
        return Archive.of(graph());
    }
}
