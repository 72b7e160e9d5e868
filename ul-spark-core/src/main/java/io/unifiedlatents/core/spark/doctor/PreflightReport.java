package io.unifiedlatents.core.spark.doctor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Locale;

/**
 * All rows of a {@link Preflight}.
 *
 * @param findings in the order of the checks
 */
public record PreflightReport(List<Finding> findings) {
    /** File of the report, below the run directory. */
    public static final String NAME = "doctor.json";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Copies the rows. */
    public PreflightReport {
        findings = List.copyOf(findings);
    }

    /** Whether no check failed; warnings may stand. */
    public boolean sound() {
        return count(Finding.Status.FAIL) == 0;
    }

    /** Aligned rows for a console, what to do below each that needs it, and a last line with the counts. */
    public String table() {
        int width =
                findings.stream().mapToInt(row -> row.check().length()).max().orElse(1);
        StringBuilder text = new StringBuilder();
        for (Finding row : findings) {
            text.append(String.format("%-" + width + "s  %-4s  %s%n", row.check(), name(row.status()), row.found()));
            if (!row.advice().isEmpty()) {
                text.append(String.format("%s→ %s%n", " ".repeat(width + 8), row.advice()));
            }
        }
        return text.append(String.format(
                        "%d checks: %d pass, %d warn, %d fail",
                        findings.size(),
                        count(Finding.Status.PASS),
                        count(Finding.Status.WARN),
                        count(Finding.Status.FAIL)))
                .toString();
    }

    /** The content of {@value #NAME}. */
    public String toJson() {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a report of plain fields cannot be written", e);
        }
    }

    private long count(Finding.Status status) {
        return findings.stream().filter(row -> row.status() == status).count();
    }

    private static String name(Finding.Status status) {
        return status.name().toLowerCase(Locale.ROOT);
    }
}
