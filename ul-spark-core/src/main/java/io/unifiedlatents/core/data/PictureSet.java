package io.unifiedlatents.core.data;

import io.unifiedlatents.core.config.SampleShape;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pictures or clips in a fixed order, in units that depend on the set and the batch size alone: whoever computes the
 * units, in whatever partitions, a figure that joins them in order comes out the same.
 */
public interface PictureSet {
    /** Units of a set at most, so that what is known of each fits on the driver. */
    int MOST_UNITS = 256;

    /** The path or URI of the set. */
    String location();

    /** SHA-256 of its content: the data set hash, or that of the file. */
    String hash();

    /** Shape of each picture or clip; null for pictures of any size. */
    @Nullable
    SampleShape shape();

    /** Pictures or clips in each unit. */
    List<Integer> rows();

    /**
     * Reads a unit, in order.
     *
     * @throws io.unifiedlatents.core.storage.CorruptDataException naming the picture that cannot be decoded
     */
    void read(int unit, Sink sink) throws IOException;

    /** Takes pictures as they are read. */
    @FunctionalInterface
    interface Sink {
        /**
         * One picture, or the frames of one clip below each other.
         *
         * @param id its name in the set
         * @param picture owned by the receiver
         */
        void accept(String id, Rgb picture) throws IOException;
    }

    /** Frames of each clip; 1 for pictures. */
    default int frames() {
        SampleShape shape = shape();
        return shape == null ? 1 : shape.frames();
    }

    /** Pictures or clips in all units. */
    default int count() {
        return rows().stream().mapToInt(Integer::intValue).sum();
    }

    /** Rows of a unit of a set of so many rows: whole batches, so that none runs half empty. */
    static int unitRows(int count, int batch) {
        int batches = (count + batch - 1) / batch;
        return Math.max(1, (batches + MOST_UNITS - 1) / MOST_UNITS) * batch;
    }
}
