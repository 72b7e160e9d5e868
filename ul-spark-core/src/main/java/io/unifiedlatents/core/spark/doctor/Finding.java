package io.unifiedlatents.core.spark.doctor;

/**
 * The outcome of one check of {@link Preflight}: a row of its table.
 *
 * @param check name of the check, which {@link ProbeRunner} sets
 * @param status whether a run may start
 * @param found what was found, with its value and the limit
 * @param advice what to do about it; empty for {@link Status#PASS}
 */
public record Finding(String check, Status status, String found, String advice) {
    /** The outcomes of a check. */
    public enum Status {
        /** The check found nothing wrong. */
        PASS,
        /** A run works, but slower or less safely than it could. */
        WARN,
        /** A run would fail. */
        FAIL
    }

    static Finding pass(String found) {
        return new Finding("", Status.PASS, found, "");
    }

    /** A finding that passes where a condition holds, and else has this status and advice. */
    static Finding passIf(boolean sound, String found, Status otherwise, String advice) {
        return sound ? pass(found) : new Finding("", otherwise, found, advice);
    }

    Finding named(String name) {
        return new Finding(name, status, found, advice);
    }
}
