package io.unifiedlatents.core.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Declares the interval that a setting, or each number of a list, must lie in; checked when a config is read. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Within {
    /** The interval in the usual notation, such as {@code [0, 1)} or {@code [1, ∞)}. */
    String value();
}
