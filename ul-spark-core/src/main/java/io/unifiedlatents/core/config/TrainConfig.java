package io.unifiedlatents.core.config;

import java.util.function.UnaryOperator;

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
        long steps,
        int globalBatch,
        @Setting(Setting.Kind.IDENTITY) int microBatch,
        @Setting(Setting.Kind.IDENTITY) int streams,
        @Setting(Setting.Kind.FREE) int checkpointEvery,
        @Setting(Setting.Kind.FREE) int keepCheckpoints,
        @Setting(Setting.Kind.FREE) long keepEvery,
        @Setting(Setting.Kind.FREE) int logEvery,
        @Setting(Setting.Kind.FREE) int evaluateEvery,
        @Setting(Setting.Kind.IDENTITY) String startFrom,
        @Setting(Setting.Kind.IDENTITY) String startFromNames) {
    /** Checks that the parts fit. */
    public TrainConfig {
        Check.setting(steps >= 1, "steps is %d; it must be at least 1", steps);
        Check.setting(
                microBatch >= 1 && globalBatch >= 1 && globalBatch % microBatch == 0,
                "globalBatch=%d must be a multiple of microBatch=%d",
                globalBatch,
                microBatch);
        streams = streams == 0 ? globalBatch / microBatch : streams;
        Check.setting(
                streams >= 1 && globalBatch % Math.multiplyExact(streams, microBatch) == 0,
                "globalBatch=%d must be a multiple of streams=%d times microBatch=%d",
                globalBatch,
                streams,
                microBatch);
        Check.setting(
                checkpointEvery >= 1 && keepCheckpoints >= 1 && logEvery >= 1,
                "checkpointEvery=%d, keepCheckpoints=%d and logEvery=%d must be at least 1",
                checkpointEvery,
                keepCheckpoints,
                logEvery);
        Check.setting(evaluateEvery >= 0, "evaluateEvery is %d; it must be 0 (never) or more", evaluateEvery);
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

    /** The same with the path mapped. */
    TrainConfig withPaths(UnaryOperator<String> map) {
        return new TrainConfig(
                steps,
                globalBatch,
                microBatch,
                streams,
                checkpointEvery,
                keepCheckpoints,
                keepEvery,
                logEvery,
                evaluateEvery,
                startFrom.isEmpty() ? startFrom : map.apply(startFrom),
                startFromNames);
    }
}
