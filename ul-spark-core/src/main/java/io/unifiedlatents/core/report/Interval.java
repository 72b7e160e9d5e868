package io.unifiedlatents.core.report;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.unifiedlatents.core.config.Check;

/**
 * A closed interval, {@code [low, high]} in JSON.
 *
 * @param low its lower end, in the unit of its figure
 * @param high its upper end, not below {@code low}
 */
@JsonFormat(shape = JsonFormat.Shape.ARRAY)
@JsonPropertyOrder({"low", "high"})
public record Interval(double low, double high) {
    /** Checks the order. */
    public Interval {
        Check.argument(low <= high, "an interval from %s to %s is none", low, high);
    }

    /** Whether some value lies in both. */
    @JsonIgnore
    boolean overlaps(Interval other) {
        return low <= other.high && other.low <= high;
    }
}
