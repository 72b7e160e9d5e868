package io.unifiedlatents.core.config;

import static io.unifiedlatents.core.config.Setting.Kind.FREE;
import static io.unifiedlatents.core.config.Setting.Kind.IDENTITY;

/**
 * The numerical form in which networks are computed, and where.
 *
 * @param dtype of matrix products, convolutions and attention
 * @param norm of convolution blocks
 * @param device that computes
 * @param threads CPU threads of one rank; 0 takes all cores of the machine
 */
public record ComputeConfig(
        @Setting(IDENTITY) Precision dtype,
        @Setting(IDENTITY) NormKind norm,
        @Setting(FREE) DeviceKind device,
        @Setting(FREE) @Within("[0, ∞)") int threads) {}
