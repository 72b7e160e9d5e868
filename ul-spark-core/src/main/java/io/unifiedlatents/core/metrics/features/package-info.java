/** Feature vectors of whole sets, stored unit by unit, and their mergeable mean and covariance. */
@NullMarked
package io.unifiedlatents.core.metrics.features;

import org.jspecify.annotations.NullMarked;
