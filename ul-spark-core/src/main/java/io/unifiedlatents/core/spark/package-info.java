/** What runs inside Spark: barrier stage, ranks, executor-side tasks. */
@NullMarked
package io.unifiedlatents.core.spark;

import org.jspecify.annotations.NullMarked;
