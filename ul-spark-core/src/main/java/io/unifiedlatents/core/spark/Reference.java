package io.unifiedlatents.core.spark;

import io.unifiedlatents.core.metrics.FeatureSet;
import io.unifiedlatents.core.metrics.Gaussian;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What features are compared with.
 *
 * @param gaussian mean and covariance of its features; null where {@code features} are to give them
 * @param spatial those of its spatial features, where they are known
 * @param features its features themselves; null where only statistics are known
 * @param card what it is, for the evaluation card
 */
record Reference(
        @Nullable Gaussian gaussian,
        @Nullable Gaussian spatial,
        @Nullable FeatureSet features,
        Map<String, Object> card) {}
