package io.unifiedlatents.dataprep.describe;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What was counted in some shards of a split; tallies of all its shards add up to the same in any order. */
final class SplitTally implements Serializable {
    private static final int SIZES = 64;

    private final int perClass;
    private final long[] rowsOfClass;
    private final long[] rowsOfSize = new long[SIZES]; // by the number of bits of their bytes
    private final PixelSums pixels = new PixelSums();
    private final Map<Integer, TreeMap<String, Sample>> samples = new TreeMap<>();

    /**
     * Nothing yet.
     *
     * @param perClass samples kept of each class
     */
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

    /** Adds what was counted elsewhere. */
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
        List<Long> rows = new ArrayList<>();
        for (long count : rowsOfClass) {
            rows.add(count);
        }
        return rows;
    }

    /** Rows by stored bytes, in bins that double. */
    List<Card.Bin> storedBytes() {
        List<Card.Bin> bins = new ArrayList<>();
        for (int bits = 0; bits < Integer.SIZE; bits++) {
            bins.add(new Card.Bin(bits == 0 ? 0 : 1L << (bits - 1), 1L << bits, rowsOfSize[bits]));
        }
        return Histogram.trim(bins);
    }

    /** Samples by label and key. */
    List<Sample> samples() {
        List<Sample> all = new ArrayList<>();
        samples.values().forEach(same -> all.addAll(same.values()));
        return all;
    }
}
