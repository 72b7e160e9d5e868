/**
 * Slots, resources and devices of Spark tasks, and the directories of the stages, which all other packages of jobs
 * share.
 */
@NullMarked
package io.unifiedlatents.core.spark.cluster;

import org.jspecify.annotations.NullMarked;
