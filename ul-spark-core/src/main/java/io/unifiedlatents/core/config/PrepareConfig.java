package io.unifiedlatents.core.config;

import java.util.function.UnaryOperator;

/**
 * Pictures to shards.
 *
 * @param source directory tree of pictures; the folder of a picture, relative to this one, is its class
 * @param output directory that receives {@code train/}, {@code validation/} and {@code status/}
 * @param resolution side of the square pictures written, in pixels, 8 to 4096
 * @param encoding how pictures are stored: {@code png}
 * @param rowGroupRows rows in each Parquet row group, the unit of reading and shuffling
 * @param rowsPerShard rows in each shard file, at least {@code rowGroupRows}
 * @param holdoutFraction share of the pictures kept out of training for validation, 0 (none) to below 1
 * @param maxBadFraction share of the inputs that may be skipped before nothing is published, 0 to 1
 * @param seed decides the shuffle and the split
 */
public record PrepareConfig(
        String source,
        String output,
        int resolution,
        String encoding,
        int rowGroupRows,
        int rowsPerShard,
        double holdoutFraction,
        double maxBadFraction,
        long seed) {
    /** Checks each setting. */
    public PrepareConfig {
        Check.setting(!source.isBlank(), "prepare.source is empty; name the directory of pictures");
        Check.setting(!output.isBlank(), "prepare.output is empty; name the directory to write to");
        Check.setting(
                resolution >= 8 && resolution <= 4096,
                "prepare.resolution=%d must be between 8 and 4096 pixels",
                resolution);
        Check.setting(encoding.equals("png"), "prepare.encoding=%s is not known; use png", encoding);
        Check.setting(rowGroupRows > 0, "prepare.rowGroupRows=%d must be positive", rowGroupRows);
        Check.setting(
                rowsPerShard >= rowGroupRows,
                "prepare.rowsPerShard=%d must be at least prepare.rowGroupRows=%d",
                rowsPerShard,
                rowGroupRows);
        Check.setting(
                holdoutFraction >= 0 && holdoutFraction < 1,
                "prepare.holdoutFraction=%s must be at least 0 and below 1",
                holdoutFraction);
        Check.setting(
                maxBadFraction >= 0 && maxBadFraction <= 1,
                "prepare.maxBadFraction=%s must be between 0 and 1",
                maxBadFraction);
    }

    /** The same with every path mapped. */
    PrepareConfig withPaths(UnaryOperator<String> map) {
        return new PrepareConfig(
                map.apply(source),
                map.apply(output),
                resolution,
                encoding,
                rowGroupRows,
                rowsPerShard,
                holdoutFraction,
                maxBadFraction,
                seed);
    }
}
