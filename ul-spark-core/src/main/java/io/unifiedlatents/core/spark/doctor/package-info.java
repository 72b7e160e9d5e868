/** Preflight checks of a cluster, a store and a data set before a run starts. */
@NullMarked
package io.unifiedlatents.core.spark.doctor;

import org.jspecify.annotations.NullMarked;
