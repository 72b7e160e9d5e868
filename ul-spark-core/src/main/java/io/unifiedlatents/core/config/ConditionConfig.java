package io.unifiedlatents.core.config;

import static io.unifiedlatents.core.config.Setting.Kind.COURSE;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** The condition of a network besides the noise level; {@code kind} names the variant. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ConditionConfig.None.class, name = "none"),
    @JsonSubTypes.Type(value = ConditionConfig.ClassLabel.class, name = "class")
})
public sealed interface ConditionConfig {
    /** Nothing: the network is unconditional. */
    record None() implements ConditionConfig {}

    /**
     * The class of each sample.
     *
     * @param classes number of classes, as many as the data set has
     * @param dropout share of the training samples that are shown without their class, in (0, 1): bits are measured
     *     without a class, and classifier-free guidance needs that prediction, too
     */
    record ClassLabel(
            @Within("[1, ∞)") int classes,
            @Setting(COURSE) @Within("(0, 1)") double dropout) implements ConditionConfig {}

    /** Number of classes; 0 where the condition is no class. */
    default int classCount() {
        return this instanceof ClassLabel label ? label.classes() : 0;
    }
}
