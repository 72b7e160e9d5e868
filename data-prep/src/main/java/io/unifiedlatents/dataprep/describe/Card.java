package io.unifiedlatents.dataprep.describe;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.Encoding;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The contents of the data sets of a prepared directory. It holds no time and no path: the same data give the same
 * card.
 *
 * @param name last part of the directory's path
 * @param kind {@code images} or {@code clips}
 * @param shape of each picture or clip; null for pictures of any size
 * @param encoding of the stored pictures or clips
 * @param transform name, version and settings of the transform from source to sample
 * @param formatVersion of the shards
 * @param configHash hash of the settings of the preparation
 * @param seed of order and split
 * @param classes names in the order of the labels
 * @param splits the data sets, the training set first
 * @param pixels of all splits
 * @param storedBytes histogram of the bytes of a picture or clip
 * @param inputs outcomes and sizes of the inputs; null where there are no status rows
 */
public record Card(
        String name,
        String kind,
        @Nullable SampleShape shape,
        Encoding encoding,
        String transform,
        int formatVersion,
        String configHash,
        long seed,
        List<String> classes,
        List<Split> splits,
        Pixels pixels,
        List<Bin> storedBytes,
        @Nullable Inputs inputs) {
    /** Name of the card's files, without their endings. */
    public static final String NAME = "_card";

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * One data set.
     *
     * @param name of its directory
     * @param rows number of pictures or clips
     * @param shards number of files
     * @param bytes total length of the files
     * @param datasetHash hash of the content
     * @param rowsOfClass rows by label
     * @param pixels of its rows
     */
    public record Split(
            String name,
            long rows,
            int shards,
            long bytes,
            String datasetHash,
            List<Long> rowsOfClass,
            Pixels pixels) {}

    /**
     * Statistics of red, green and blue over all pixels.
     *
     * @param count number of pixels
     * @param mean mean of each channel, black being 0 and white 1
     * @param deviation standard deviation of each channel, in the same unit
     * @param sums of the values 0 to 255, exact
     * @param squares sums of their squares, exact
     */
    public record Pixels(long count, double[] mean, double[] deviation, long[] sums, long[] squares) {}

    /**
     * A bar of a histogram.
     *
     * @param from least value counted, inclusive
     * @param to end, exclusive; 0: there is none
     * @param count of rows or inputs
     */
    public record Bin(long from, long to, long count) {
        /** Returns the bins without the empty ones at both ends. */
        static List<Bin> trim(List<Bin> bins) {
            int from = 0;
            int to = bins.size();
            while (from < to && bins.get(from).count() == 0) {
                from++;
            }
            while (to > from && bins.get(to - 1).count() == 0) {
                to--;
            }
            return List.copyOf(bins.subList(from, to));
        }
    }

    /**
     * Counts over the status rows.
     *
     * @param outcomes with their counts, the largest first
     * @param shorterSides histogram of the shorter side of kept inputs, in pixels; empty where sizes are not recorded
     * @param commonSizes of kept inputs, the most frequent first
     */
    public record Inputs(List<Outcome> outcomes, List<Bin> shorterSides, List<Size> commonSizes) {
        /** Inputs with any outcome. */
        @JsonIgnore
        public long count() {
            return outcomes.stream().mapToLong(Outcome::count).sum();
        }
    }

    /**
     * The number of inputs with one outcome and reason.
     *
     * @param outcome such as {@code kept}
     * @param reason without the particulars of one input; empty where kept
     * @param count of inputs
     */
    public record Outcome(String outcome, String reason, long count) {}

    /** The number of inputs whose source has one size, in pixels. */
    public record Size(int width, int height, long count) {}

    boolean clips() {
        return kind.equals(DatasetManifest.CLIPS);
    }

    /** Rows of all splits. */
    @JsonIgnore
    public long rows() {
        return splits.stream().mapToLong(Split::rows).sum();
    }

    /** Returns one sentence for the console. */
    @JsonIgnore
    public String summary() {
        StringBuilder text = new StringBuilder(String.format("%,d ", rows()));
        text.append(clips() ? "clips" : "pictures");
        if (shape == null) {
            text.append(" of any size");
        } else {
            text.append(clips() ? " of " + shape.frames() + " frames" : "");
            text.append(String.format(" of %d × %d pixels", shape.width(), shape.height()));
        }
        text.append(String.format(" in %,d %s", classes.size(), classes.size() == 1 ? "class" : "classes"));
        return text
                + splits.stream()
                        .map(split -> String.format("%,d %s", split.rows(), split.name()))
                        .collect(Collectors.joining(", ", ": ", "."));
    }

    /** The content of {@code _card.json}. */
    public String toJson() {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a card of plain fields cannot be written", e);
        }
    }
}
