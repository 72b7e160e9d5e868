package io.unifiedlatents.core.config;

import java.io.Serializable;
import java.util.List;

/**
 * Pictures or videos to shards.
 *
 * @param source where they come from: a directory, an archive, a Parquet file or a list
 * @param format form of {@code source}
 * @param annotations CSV of path, label, caption and split; for videos also Kinetics' own; empty for none
 * @param classes table of class names and their labels; empty: names in alphabetical order
 * @param output directory that receives {@code train/}, {@code validation/}, {@code test/} and {@code status/}
 * @param split rule that assigns inputs to training, validation and test
 * @param holdoutFraction share kept out of training for validation where {@code split} is {@code hash}; 0: none
 * @param transform what is done with each picture: {@code centre-crop}, {@code random-crop}, a corner such as
 *     {@code top-left-crop}, {@code stretch} or {@code none}
 * @param height of the pictures written, in pixels
 * @param width of the pictures written, in pixels
 * @param background colour that transparent pictures are laid over: {@code white}, {@code black}, {@code grey} or
 *     {@code #rrggbb}
 * @param encoding how they are stored: {@code png}, {@code raw}, or {@code original} where {@code transform} is
 *     {@code none}
 * @param clips which frames of videos
 * @param rowGroupRows rows after which a Parquet row group, the unit of reading and shuffling, ends
 * @param rowGroupMegabytes megabytes (2^20) after which it ends
 * @param rowsPerShard rows in each shard file, at least {@code rowGroupRows}
 * @param deduplicate rule that leaves out inputs with the same content
 * @param maxBadFraction share of the inputs that may be skipped before nothing is published
 * @param maxMegapixels larger pictures and frames are skipped before they are decoded; a picture must fit arrays
 * @param secondsPerInput an input that takes longer is skipped
 * @param seed decides the shuffle, the split, and random crops and offsets
 */
public record PrepareConfig(
        @PathSetting String source,
        SourceFormat format,
        @PathSetting(optional = true) String annotations,
        @PathSetting(optional = true) String classes,
        @PathSetting String output,
        SplitRule split,
        @Within("[0, 1)") double holdoutFraction,
        String transform,
        @Within("[8, 4096]") int height,
        @Within("[8, 4096]") int width,
        String background,
        String encoding,
        ClipConfig clips,
        @Within("[1, ∞)") int rowGroupRows,
        @Within("[1, 1024]") int rowGroupMegabytes,
        int rowsPerShard,
        Deduplication deduplicate,
        @Within("[0, 1]") double maxBadFraction,
        @Within("[1, 500]") int maxMegapixels,
        @Within("[1, ∞)") int secondsPerInput,
        long seed)
        implements Serializable {
    private static final List<String> ENCODINGS = List.of("png", "raw", "original");

    /** Checks each setting. */
    public PrepareConfig {
        Check.setting(
                ENCODINGS.contains(encoding),
                "encoding is '%s'; it must be one of %s",
                encoding,
                String.join(", ", ENCODINGS));
        Check.setting(
                !encoding.equals("original") || transform.equals("none"),
                "encoding=original keeps the bytes as they are, transform=%s would change them;"
                        + " set it to none, or store png",
                transform);
        Check.setting(
                !encoding.equals("raw") || !transform.equals("none"),
                "encoding=raw needs pictures of one size, transform=none leaves them as they are;"
                        + " store png, or choose a transform");
        Check.setting(
                rowsPerShard >= rowGroupRows,
                "rowsPerShard=%d must be at least rowGroupRows=%d",
                rowsPerShard,
                rowGroupRows);
        backgroundOf(background);
    }

    /** Red, green and blue of the background, as 0xRRGGBB. */
    public int backgroundRgb() {
        return backgroundOf(background);
    }

    private static int backgroundOf(String name) {
        return switch (name) {
            case "white" -> 0xFFFFFF;
            case "black" -> 0;
            case "grey" -> 0x808080;
            default -> {
                Check.setting(
                        name.matches("#[0-9a-fA-F]{6}"),
                        "background=%s is none of white, black, grey, and no #rrggbb",
                        name);
                yield Integer.parseInt(name.substring(1), 16);
            }
        };
    }
}
