package io.unifiedlatents.core.config;

import java.io.Serializable;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Pictures or videos to shards.
 *
 * @param source where they come from: a directory, an archive, a Parquet file or a list
 * @param format what {@code source} is: {@code directory}, {@code archives}, {@code parquet}, {@code list}, or
 *     {@code auto} to look
 * @param annotations CSV of path, label, caption and split; for videos also Kinetics' own; empty for none
 * @param classes table of class names and their labels; empty: names in alphabetical order
 * @param output directory that receives {@code train/}, {@code validation/}, {@code test/} and {@code status/}
 * @param split what decides it: {@code hash} of the path, a {@code folder} of the path, or the {@code annotations} or
 *     columns of the source
 * @param holdoutFraction share kept out of training for validation where {@code split} is {@code hash}; 0 (none) to
 *     below 1
 * @param transform what is done with each picture: {@code centre-crop}, {@code random-crop}, a corner such as
 *     {@code top-left-crop}, {@code stretch} or {@code none}
 * @param resolution side of the square pictures written, in pixels, 8 to 4096
 * @param background colour that transparent pictures are laid over: {@code white}, {@code black}, {@code grey} or
 *     {@code #rrggbb}
 * @param encoding how they are stored: {@code png}, {@code raw}, or {@code original} where {@code transform} is
 *     {@code none}
 * @param clips which frames of videos
 * @param rowGroupRows rows after which a Parquet row group, the unit of reading and shuffling, ends
 * @param rowGroupMegabytes megabytes (2^20) after which it ends
 * @param rowsPerShard rows in each shard file, at least {@code rowGroupRows}
 * @param deduplicate which inputs with the same content are left out: of {@code training}, those held out too;
 *     {@code all} but the first; {@code none}
 * @param maxBadFraction share of the inputs that may be skipped before nothing is published, 0 to 1
 * @param maxMegapixels larger pictures and frames are skipped before they are decoded
 * @param secondsPerInput an input that takes longer is skipped
 * @param seed decides the shuffle, the split, and random crops and offsets
 */
public record PrepareConfig(
        String source,
        String format,
        String annotations,
        String classes,
        String output,
        String split,
        double holdoutFraction,
        String transform,
        int resolution,
        String background,
        String encoding,
        ClipConfig clips,
        int rowGroupRows,
        int rowGroupMegabytes,
        int rowsPerShard,
        String deduplicate,
        double maxBadFraction,
        int maxMegapixels,
        int secondsPerInput,
        long seed)
        implements Serializable {
    private static final List<String> FORMATS = List.of("auto", "directory", "archives", "parquet", "list");
    private static final List<String> SPLITS = List.of("hash", "folder", "annotations");
    private static final List<String> ENCODINGS = List.of("png", "raw", "original");
    private static final List<String> DEDUPLICATE = List.of("none", "training", "all");

    /** Checks each setting. */
    public PrepareConfig {
        Check.setting(!source.isBlank(), "prepare.source is empty; name the directory of pictures");
        Check.setting(!output.isBlank(), "prepare.output is empty; name the directory to write to");
        requireOneOf("format", format, FORMATS);
        requireOneOf("split", split, SPLITS);
        requireOneOf("encoding", encoding, ENCODINGS);
        requireOneOf("deduplicate", deduplicate, DEDUPLICATE);
        Check.setting(
                !encoding.equals("original") || transform.equals("none"),
                "prepare.encoding=original keeps the bytes as they are, prepare.transform=%s would change them;"
                        + " set it to none, or store png",
                transform);
        Check.setting(
                !encoding.equals("raw") || !transform.equals("none"),
                "prepare.encoding=raw needs pictures of one size, prepare.transform=none leaves them as they are;"
                        + " store png, or choose a transform");
        Check.setting(
                resolution >= 8 && resolution <= 4096,
                "prepare.resolution=%d must be between 8 and 4096 pixels",
                resolution);
        Check.setting(rowGroupRows > 0, "prepare.rowGroupRows=%d must be positive", rowGroupRows);
        Check.setting(
                rowGroupMegabytes > 0 && rowGroupMegabytes <= 1024,
                "prepare.rowGroupMegabytes=%d must be between 1 and 1024",
                rowGroupMegabytes);
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
        Check.setting(
                maxMegapixels >= 1 && maxMegapixels <= 500, // a picture being decoded must fit arrays
                "prepare.maxMegapixels=%d must be between 1 and 500",
                maxMegapixels);
        Check.setting(secondsPerInput >= 1, "prepare.secondsPerInput=%d must be at least 1", secondsPerInput);
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
                        "prepare.background=%s is none of white, black, grey, and no #rrggbb",
                        name);
                yield Integer.parseInt(name.substring(1), 16);
            }
        };
    }

    private static void requireOneOf(String key, String value, List<String> choices) {
        Check.setting(choices.contains(value), "prepare.%s=%s is none of %s", key, value, choices);
    }

    /** The same with every path mapped; paths left empty stay so. */
    PrepareConfig withPaths(UnaryOperator<String> map) {
        return new PrepareConfig(
                map.apply(source),
                format,
                annotations.isEmpty() ? "" : map.apply(annotations),
                classes.isEmpty() ? "" : map.apply(classes),
                map.apply(output),
                split,
                holdoutFraction,
                transform,
                resolution,
                background,
                encoding,
                clips,
                rowGroupRows,
                rowGroupMegabytes,
                rowsPerShard,
                deduplicate,
                maxBadFraction,
                maxMegapixels,
                secondsPerInput,
                seed);
    }
}
