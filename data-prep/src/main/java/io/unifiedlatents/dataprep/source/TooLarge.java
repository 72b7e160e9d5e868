package io.unifiedlatents.dataprep.source;

/** The problem of inputs above {@link SourceInput#MAX_BYTES}. */
final class TooLarge {
    private TooLarge() {}

    static String problem(long bytes) {
        return "too large: " + bytes + " bytes, at most " + SourceInput.MAX_BYTES + " are read";
    }
}
