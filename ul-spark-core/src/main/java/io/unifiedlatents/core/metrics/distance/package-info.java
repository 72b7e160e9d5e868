/** Distances and scores of sets of feature vectors: Fréchet distance, KID, precision and recall, inception score. */
@NullMarked
package io.unifiedlatents.core.metrics.distance;

import org.jspecify.annotations.NullMarked;
