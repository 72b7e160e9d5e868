package io.unifiedlatents.core.data;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.random.Seeds;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The order in which samples are trained on: a pure function of seed, row groups, number of streams and window size,
 * independent of the number of ranks.
 *
 * <p>The global batch consists of equal parts of M <em>streams</em>. In epoch e the G row groups are permuted by the
 * seed of (seed, e) and dealt to the streams in turn; the dealing goes on across epochs: group k of the permutation
 * goes to stream (e·G + k) mod M. Within a stream and epoch, each {@code windowGroups} consecutive groups form a window
 * whose rows are shuffled together by the seed of (seed, e, stream, window). A stream is the endless concatenation of
 * its epochs; each step takes the next samples of every stream, equally many.
 *
 * <p>Each epoch therefore has each sample exactly once. A rank owns whole streams and reads only their row groups, and
 * a resumed run finds its position by row counts alone. Streams may differ in length within an epoch, so two samples of
 * one step can belong to neighbouring epochs. Immutable and thread safe.
 */
public final class SampleOrder {
    private final long seed;
    private final int[] rowGroupRows;
    private final int streams;
    private final int windowGroups;

    /**
     * Defines an order.
     *
     * @param seed seed of the run
     * @param rowGroupRows rows of each row group, see {@link Dataset#rowGroupRows}
     * @param streams M; more streams than row groups are served over several epochs
     * @param windowGroups row groups shuffled together
     * @throws io.unifiedlatents.core.config.ConfigException where the data set is empty
     */
    public SampleOrder(long seed, int[] rowGroupRows, int streams, int windowGroups) {
        Check.setting(rowGroupRows.length > 0, "the data set is empty: it has no row group to train on; prepare data");
        Check.argument(streams > 0, "streams=%d must be positive", streams);
        Check.argument(windowGroups > 0, "windowGroups=%d must be positive", windowGroups);
        for (int rows : rowGroupRows) {
            Check.argument(rows > 0, "a row group has %d rows, must have at least 1", rows);
        }
        this.seed = seed;
        this.rowGroupRows = rowGroupRows.clone();
        this.streams = streams;
        this.windowGroups = windowGroups;
    }

    /** Whether this order is of a data set with these row groups. */
    boolean fits(int[] rows) {
        return Arrays.equals(rowGroupRows, rows);
    }

    /**
     * The streams of a rank, {j : j mod worldSize = rank}, ascending; empty where there are fewer streams than ranks.
     *
     * @param rank 0 to {@code worldSize} − 1
     */
    public int[] streamsOf(int rank, int worldSize) {
        int[] owned = new int[streamsOf(streams, rank, worldSize)];
        Arrays.setAll(owned, i -> rank + i * worldSize);
        return owned;
    }

    /** The number of streams that a rank owns. */
    public static int streamsOf(int streams, int rank, int worldSize) {
        Check.argument(
                rank >= 0 && rank < worldSize, "rank=%d must be at least 0 and below worldSize=%d", rank, worldSize);
        return rank < streams ? (streams - rank + worldSize - 1) / worldSize : 0;
    }

    /**
     * Positions a cursor by counting rows, without reading data; takes time proportional to epochs times row groups.
     *
     * @param stream 0 to M − 1
     * @param firstSample samples of the stream to pass over
     */
    public Cursor cursor(int stream, long firstSample) {
        Check.argument(stream >= 0 && stream < streams, "stream=%d must be at least 0 and below %d", stream, streams);
        Check.argument(firstSample >= 0, "firstSample=%d must not be negative", firstSample);
        return new Cursor(stream, firstSample);
    }

    /** The groups dealt to a stream in an epoch, in order; may be empty. */
    private int[] groups(int stream, long epoch) {
        int count = rowGroupRows.length;
        int[] permutation = shuffled(count, Seeds.of(seed, "row groups", epoch));
        int first = (int) Math.floorMod(stream - Math.floorMod(epoch, (long) streams) * count, (long) streams);
        int dealt = first < count ? (count - first + streams - 1) / streams : 0;
        int[] groups = new int[dealt];
        Arrays.setAll(groups, i -> permutation[first + i * streams]);
        return groups;
    }

    private int rows(int[] groups, int from, int to) {
        int rows = 0;
        for (int i = from; i < to; i++) {
            rows = Math.addExact(rows, rowGroupRows[groups[i]]);
        }
        return rows;
    }

    /** The numbers from 0 to {@code count} − 1 in the order of a seed (Fisher and Yates). */
    private static int[] shuffled(int count, long seed) {
        int[] values = new int[count];
        Arrays.setAll(values, i -> i);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = values.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = values[i];
            values[i] = values[j];
            values[j] = swapped;
        }
        return values;
    }

    /** Walks the windows of one stream, endlessly. Not thread safe. */
    public final class Cursor {
        private final int stream;
        private long epoch;
        private int[] groups;
        private int window;
        private int skip;

        private Cursor(int stream, long firstSample) {
            this.stream = stream;
            this.groups = SampleOrder.this.groups(stream, 0);
            long left = firstSample;
            int rows = rows(groups, 0, groups.length);
            while (left >= rows) {
                left -= rows;
                nextEpoch();
                rows = rows(groups, 0, groups.length);
            }
            this.skip = Math.toIntExact(left);
            while (skip > 0 && skip >= rows(groups, start(), end())) {
                skip -= rows(groups, start(), end());
                window++;
            }
        }

        /** The next window; the first one may start in its middle. */
        public Window next() {
            while (start() >= groups.length) {
                nextEpoch();
            }
            int[] members = Arrays.copyOfRange(groups, start(), end());
            int[] order = shuffled(rows(members, 0, members.length), Seeds.of(seed, "window", epoch, stream, window));
            Window next = new Window(epoch, members, firstRows(members), order, skip);
            window++;
            skip = 0;
            return next;
        }

        private void nextEpoch() {
            epoch++;
            window = 0;
            groups = SampleOrder.this.groups(stream, epoch);
        }

        private int start() {
            return Math.multiplyExact(window, windowGroups);
        }

        private int end() {
            return Math.min(start() + windowGroups, groups.length);
        }

        private int[] firstRows(int[] members) {
            int[] first = new int[members.length];
            for (int i = 1; i < first.length; i++) {
                first[i] = first[i - 1] + rowGroupRows[members[i - 1]];
            }
            return first;
        }
    }

    /**
     * Row groups shuffled together, and the order of their rows.
     *
     * @param epoch of all samples of the window, from 0
     * @param groups row groups, numbered as in {@link Dataset#rowGroupRows}
     * @param firstRows number of rows in the groups before each group
     * @param order rows of all groups, counted through, in the order of training
     * @param start position of the first sample to train on; above 0 only after a seek
     */
    public record Window(long epoch, int[] groups, int[] firstRows, int[] order, int start) {
        /** Samples in the window, including those before {@link #start}. */
        public int size() {
            return order.length;
        }

        /** Index into {@link #groups} of the row group of the sample at a position. */
        public int group(int position) {
            int found = Arrays.binarySearch(firstRows, order[position]);
            return found >= 0 ? found : -found - 2;
        }

        /** Row within its row group of the sample at a position. */
        public int row(int position) {
            return order[position] - firstRows[group(position)];
        }
    }
}
