package io.unifiedlatents.core.config;

import java.util.List;

/**
 * A network whose features are compared.
 *
 * @param file TorchScript file; empty for none
 * @param resize how pictures are brought to {@code side}: {@code none} (the network takes any size),
 *     {@code tf1-bilinear}, {@code pillow-bicubic}, {@code torch-bilinear}; with {@code -uint8} behind it, rounded to 8
 *     bits again
 * @param side pixels along a side after resizing
 */
public record DetectorConfig(
        @PathSetting(optional = true) String file,
        String resize,
        @Within("[1, ∞)") int side) {
    private static final List<String> RESIZES = List.of(
            "none",
            "tf1-bilinear",
            "pillow-bicubic",
            "torch-bilinear",
            "tf1-bilinear-uint8",
            "pillow-bicubic-uint8",
            "torch-bilinear-uint8");

    /** Checks the name of the resizing. */
    public DetectorConfig {
        Check.setting(RESIZES.contains(resize), "resize=%s is none of %s", resize, RESIZES);
    }
}
