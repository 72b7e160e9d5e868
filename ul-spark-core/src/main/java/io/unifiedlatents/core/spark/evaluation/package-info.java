/** Evaluation jobs: features and figures of reconstructions and samples, computed over the cluster. */
@NullMarked
package io.unifiedlatents.core.spark.evaluation;

import org.jspecify.annotations.NullMarked;
