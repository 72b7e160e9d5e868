package io.unifiedlatents.core.config;

/**
 * One training run.
 *
 * @param steps optimizer steps
 * @param globalBatch samples of one step over all ranks
 * @param microBatch samples of one forward and backward; divides globalBatch. It fixes the random numbers, so a run
 *     resumed on other ranks must keep it
 * @param checkpointEvery steps between checkpoints
 * @param keepCheckpoints newest checkpoints kept
 * @param keepEvery checkpoints at multiples of so many steps are kept for ever; 0 for none
 * @param logEvery steps between log lines
 * @param evaluateEvery steps between small evaluations of held-out pictures; 0 for none
 */
public record TrainConfig(
        long steps,
        int globalBatch,
        int microBatch,
        int checkpointEvery,
        int keepCheckpoints,
        long keepEvery,
        int logEvery,
        int evaluateEvery) {
    /** Checks that the parts fit. */
    public TrainConfig {
        Check.setting(steps >= 1, "steps is %d; it must be at least 1", steps);
        Check.setting(
                microBatch >= 1 && globalBatch >= 1 && globalBatch % microBatch == 0,
                "globalBatch=%d must be a multiple of microBatch=%d",
                globalBatch,
                microBatch);
        Check.setting(
                checkpointEvery >= 1 && keepCheckpoints >= 1 && logEvery >= 1,
                "checkpointEvery=%d, keepCheckpoints=%d and logEvery=%d must be at least 1",
                checkpointEvery,
                keepCheckpoints,
                logEvery);
        Check.setting(evaluateEvery >= 0, "evaluateEvery is %d; it must be 0 (never) or more", evaluateEvery);
    }

    /** Micro-batches of one step over all ranks: the streams of the sample order. */
    public int streams() {
        return globalBatch / microBatch;
    }
}
