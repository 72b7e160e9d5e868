package io.unifiedlatents.core.report;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which way a figure improves. */
public enum Better {
    /** The smaller, the better. */
    @JsonProperty("lower")
    LOWER,
    /** The larger, the better. */
    @JsonProperty("higher")
    HIGHER
}
