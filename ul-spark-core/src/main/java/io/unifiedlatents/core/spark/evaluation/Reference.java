package io.unifiedlatents.core.spark.evaluation;

import io.unifiedlatents.core.metrics.features.FeatureSet;
import io.unifiedlatents.core.metrics.features.Gaussian;
import org.jspecify.annotations.Nullable;

/**
 * The reference that features are compared with.
 *
 * @param location where its pictures or statistics are
 * @param hash of its data set, or SHA-256 of its file
 * @param count pictures or clips it is of, or {@link Gaussian#UNKNOWN}
 * @param gaussian mean and covariance of its features; null where {@code features} are to give them
 * @param spatial those of its spatial features, where they are known
 * @param features its features themselves; null where only statistics are known
 */
record Reference(
        String location,
        String hash,
        long count,
        @Nullable Gaussian gaussian,
        @Nullable Gaussian spatial,
        @Nullable FeatureSet features) {}
