package io.unifiedlatents.core.config;

import static io.unifiedlatents.core.config.Setting.Kind.FREE;
import static io.unifiedlatents.core.config.Setting.Kind.IDENTITY;

/**
 * One training run.
 *
 * @param steps optimizer steps
 * @param globalBatch samples of one step over all ranks; a multiple of streams times microBatch
 * @param microBatch samples of one forward and backward; it fixes the random numbers
 * @param streams parts that the data set is dealt to, each read in order by one rank; 0 takes globalBatch / microBatch.
 *     They fix the order of the samples
 * @param checkpointEvery steps between checkpoints
 * @param keepCheckpoints newest checkpoints kept
 * @param keepEvery checkpoints at multiples of so many steps are kept for ever; 0 for none
 * @param logEvery steps between log lines
 * @param evaluateEvery steps between small evaluations of held-out pictures; 0 for none
 * @param startFrom checkpoint directory or safetensors file whose weights a new run starts from; empty for random ones
 * @param startFromNames regular expression of the names of the parameters taken from there; it matches whole names
 */
public record TrainConfig(
        @Within("[1, ∞)") long steps,
        @Within("[1, ∞)") int globalBatch,
        @Setting(IDENTITY) @Within("[1, ∞)") int microBatch,
        @Setting(IDENTITY) @Within("[0, ∞)") int streams,
        @Setting(FREE) @Within("[1, ∞)") int checkpointEvery,
        @Setting(FREE) @Within("[1, ∞)") int keepCheckpoints,
        @Setting(FREE) @Within("[0, ∞)") long keepEvery,
        @Setting(FREE) @Within("[1, ∞)") int logEvery,
        @Setting(FREE) @Within("[0, ∞)") int evaluateEvery,
        @Setting(IDENTITY) @PathSetting(optional = true) String startFrom,

        @Setting(IDENTITY) String startFromNames) {
    /** Checks that the parts fit. */
    public TrainConfig {
        Check.setting(
                globalBatch % microBatch == 0,
                "globalBatch=%d must be a multiple of microBatch=%d",
                globalBatch,
                microBatch);
        streams = streams == 0 ? globalBatch / microBatch : streams;
        Check.setting(
                globalBatch % Math.multiplyExact(streams, microBatch) == 0,
                "globalBatch=%d must be a multiple of streams=%d times microBatch=%d",
                globalBatch,
                streams,
                microBatch);
        Check.regularExpression("startFromNames", startFromNames);
    }

    /** Micro-batches that each stream gives to a step, one after the other. */
    public int microBatchesPerStream() {
        return globalBatch / (streams * microBatch);
    }

    /** Samples that each stream gives to a step. */
    public int samplesPerStream() {
        return globalBatch / streams;
    }
}
