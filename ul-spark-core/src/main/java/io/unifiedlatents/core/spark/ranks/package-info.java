/**
 * Ranks of a data-parallel job: one barrier stage an attempt, heartbeats and failures of ranks, and new attempts after
 * failures.
 */
@NullMarked
package io.unifiedlatents.core.spark.ranks;

import org.jspecify.annotations.NullMarked;
