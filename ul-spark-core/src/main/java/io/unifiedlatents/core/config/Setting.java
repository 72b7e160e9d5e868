package io.unifiedlatents.core.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Declares how a setting may change when a run is resumed. On a record component that is itself a record it holds for
 * every setting below which declares nothing of its own.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {
    /** The kinds of settings by how they may change when a run is resumed. */
    enum Kind {
        /**
         * Decides what the weights mean or what a step computes, such as a network's sizes or the seed. A run never
         * changes it.
         */
        IDENTITY,
        /** Changes the result but may change at a step, such as the learning rate, where the user says so. */
        COURSE,
        /** Leaves the weights as they are, such as logging; it just applies. */
        FREE
    }

    /** The kind of the setting. */
    Kind value();
}
