package io.unifiedlatents.dataprep.describe;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Counts over some shards of a split. Tallies of all its shards add up to the same in any order. */
final class SplitTally implements Serializable {
    private static final int SIZES = 64;

    /**
     * A row on the contact sheet.
     *
     * @param key hash of its id; the rows with the smallest keys are shown, the same on every machine
     * @param split name of its data set
     * @param source path of the input that it was made of
     */
    record Sample(
            String key,
            String split,
            int label,
            String source,
            @Nullable String caption,
            Thumbnail picture) implements Serializable {}

    private final int perClass;
    private final long[] rowsOfClass;
    private final long[] rowsOfSize = new long[SIZES]; // by the number of bits of their bytes
    private final PixelSums pixels = new PixelSums();
    private final Map<Integer, TreeMap<String, Sample>> samples = new TreeMap<>();

    /** Creates an empty tally that keeps {@code perClass} samples of each class. */
    SplitTally(int classes, int perClass) {
        this.rowsOfClass = new long[classes];
        this.perClass = perClass;
    }

    /** Counts a row. */
    void count(int label, int bytes) {
        rowsOfClass[label]++;
        rowsOfSize[Integer.SIZE - Integer.numberOfLeadingZeros(bytes)]++;
    }

    PixelSums pixels() {
        return pixels;
    }

    /** Whether a row would be among the samples of what was counted so far. */
    boolean wants(int label, String key) {
        TreeMap<String, Sample> there = samples.get(label);
        return perClass > 0 && (there == null || there.size() < perClass || key.compareTo(there.lastKey()) < 0);
    }

    void keep(Sample sample) {
        TreeMap<String, Sample> same = samples.computeIfAbsent(sample.label(), label -> new TreeMap<>());
        same.put(sample.key(), sample);
        if (same.size() > perClass) {
            same.pollLastEntry();
        }
    }

    /** Adds the counts of other shards. */
    SplitTally add(SplitTally other) {
        for (int label = 0; label < rowsOfClass.length; label++) {
            rowsOfClass[label] += other.rowsOfClass[label];
        }
        for (int size = 0; size < SIZES; size++) {
            rowsOfSize[size] += other.rowsOfSize[size];
        }
        pixels.add(other.pixels);
        other.samples().forEach(this::keep);
        return this;
    }

    /** Rows by label. */
    List<Long> rowsOfClass() {
        return LongStream.of(rowsOfClass).boxed().toList();
    }

    /** Rows by stored bytes, in bins that double. */
    List<Card.Bin> storedBytes() {
        List<Card.Bin> bins = new ArrayList<>();
        for (int bits = 0; bits < Integer.SIZE; bits++) {
            bins.add(new Card.Bin(bits == 0 ? 0 : 1L << (bits - 1), 1L << bits, rowsOfSize[bits]));
        }
        return Card.Bin.trim(bins);
    }

    /** Samples by label and key. */
    List<Sample> samples() {
        return samples.values().stream().flatMap(same -> same.values().stream()).toList();
    }
}
