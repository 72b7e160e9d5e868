package io.unifiedlatents.core.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.loss.Diffusion;
import io.unifiedlatents.core.random.Seeds;
import io.unifiedlatents.core.schedule.NoiseSchedule;
import io.unifiedlatents.core.schedule.StratifiedTimes;
import io.unifiedlatents.core.schedule.Weighting;
import io.unifiedlatents.core.torchscript.Archive;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The script that a stage trains, with everything that it is fed. Its method {@value #METHOD} adds the gradient of one
 * micro-batch onto the flat gradient and returns the terms of each sample, float32 [B, terms]. Immutable;
 * {@link LatentsObjective}, {@link DecoderObjective} and {@link BaseObjective} write them.
 *
 * @param graph the method, written
 * @param layout where the parameters lie
 * @param terms names of the returned columns, the first is the loss; in bits per pixel but for {@code latentPower}
 * @param levels noise levels that are drawn for each sample
 * @param inputs of the method, in its order
 * @param sampleBytes pixels and latents of a sample, as batches carry them
 * @param seed of the run
 */
public record Objective(
        Graph graph,
        ParameterLayout layout,
        List<String> terms,
        List<Level> levels,
        List<Input> inputs,
        long sampleBytes,
        long seed) {
    /** Name of the method. */
    public static final String METHOD = "accumulate";

    /** Name of the input that takes samples as stored. */
    static final String PIXELS = "pixels";

    /** Name of the input that takes frozen latents. */
    static final String LATENTS = "latents";

    /**
     * A noise level that is drawn for each sample.
     *
     * @param schedule of the levels
     * @param weighting of the loss at a level
     * @param purpose keys the times: levels of the same purpose share theirs
     */
    record Level(NoiseSchedule schedule, Weighting weighting, String purpose) {}

    public Objective {
        levels = List.copyOf(levels);
        inputs = List.copyOf(inputs);
        Check.argument(
                terms.size() + TrainStep.EXTRA_SUMS <= Collective.MAX_VALUES,
                "%d terms and %d other sums of a step are more than ranks exchange at once, %d",
                terms.size(),
                TrainStep.EXTRA_SUMS,
                Collective.MAX_VALUES);
    }

    private boolean has(String name) {
        return inputs.stream().anyMatch(input -> input.name().equals(name));
    }

    /** Whether batches must carry pixels. */
    public boolean wantsPixels() {
        return has(PIXELS);
    }

    /** Whether batches must carry latents. */
    public boolean wantsLatents() {
        return has(LATENTS);
    }

    /**
     * Coefficients of the samples of a whole global batch, at stratified times.
     *
     * @return for each level globalBatch rows of {@link Diffusion#COLUMNS} numbers, row-major
     */
    public List<float[]> coefficients(long step, int globalBatch) {
        List<float[]> all = new ArrayList<>();
        for (Level level : levels) {
            float[] rows = new float[globalBatch * Diffusion.COLUMNS];
            double[] times = StratifiedTimes.of(globalBatch, Seeds.of(seed, level.purpose(), step));
            for (int sample = 0; sample < globalBatch; sample++) {
                Diffusion.put(rows, sample, level.schedule().at(times[sample]), level.weighting());
            }
            all.add(rows);
        }
        return all;
    }

    /** The inputs of one micro-batch in the order of the method. */
    public NDArray[] feed(NDManager call, Input.Feed feed) {
        return inputs.stream().map(input -> input.source().read(call, feed)).toArray(NDArray[]::new);
    }

    /** FLOPs of forward and backward of one sample: three times forward, as usual. */
    public double trainingFlops() {
        return 3.0 * graph.flops();
    }

    /** SHA-256 of the text of the script, that is, of what a step computes. */
    public String scriptHash() {
        return Hashes.sha256(archive().code());
    }

    /** The script. */
    public Archive archive() {
        return Archive.of(graph);
    }
}
