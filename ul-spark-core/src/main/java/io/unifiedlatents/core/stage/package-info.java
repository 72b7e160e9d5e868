/** The stages of training as definitions, and the folders of a run in which their results lie; without Spark. */
@NullMarked
package io.unifiedlatents.core.stage;

import org.jspecify.annotations.NullMarked;
