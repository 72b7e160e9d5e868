/** Training jobs: the driver's side, the task of each rank, and the progress that the ranks report. */
@NullMarked
package io.unifiedlatents.core.spark.training;

import org.jspecify.annotations.NullMarked;
