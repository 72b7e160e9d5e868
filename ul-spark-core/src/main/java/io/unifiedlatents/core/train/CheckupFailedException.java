package io.unifiedlatents.core.train;

/** The evaluation between two steps failed; its cause says why. */
public final class CheckupFailedException extends RuntimeException {
    /** The evaluation after a step failed for this cause. */
    public CheckupFailedException(long step, Throwable cause) {
        super(
                "evaluation after step " + step + ": " + cause.getMessage()
                        + " (run.evaluateEvery=0 trains without evaluation)",
                cause);
    }
}
