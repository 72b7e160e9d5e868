package io.unifiedlatents.core.spark.doctor;

/**
 * What one check of {@link Preflight} found: a row of its table.
 *
 * @param check name of the check
 * @param status whether a run may start
 * @param found what was found, with its value and the limit
 * @param advice what to do about it; empty for {@link Status#PASS}
 */
public record Finding(String check, Status status, String found, String advice) {
    /** How a check ended. */
    public enum Status {
        /** As it should be. */
        PASS,
        /** A run works, but slower or less safely than it could. */
        WARN,
        /** A run would fail. */
        FAIL
    }

    static Finding pass(String check, String found) {
        return new Finding(check, Status.PASS, found, "");
    }

    static Finding warn(String check, String found, String advice) {
        return new Finding(check, Status.WARN, found, advice);
    }

    static Finding fail(String check, String found, String advice) {
        return new Finding(check, Status.FAIL, found, advice);
    }
}
