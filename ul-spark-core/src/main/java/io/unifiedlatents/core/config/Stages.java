package io.unifiedlatents.core.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Declares the stages whose training a setting, or a section of settings, concerns; all stages without it. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Stages {
    /** The stages. */
    StageName[] value();
}
