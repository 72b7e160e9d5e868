package io.unifiedlatents.core.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Declares that a setting is the path of a file or directory, on any Hadoop file system. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface PathSetting {
    /** Whether it may be left empty. */
    boolean optional() default false;
}
