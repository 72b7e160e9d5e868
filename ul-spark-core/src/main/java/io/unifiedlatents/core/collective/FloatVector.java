package io.unifiedlatents.core.collective;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ConfigException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A float32 vector of up to 2^63 - 1 elements over the caller's own memory, in little-endian segments, because one
 * {@link ByteBuffer} ends at 2 GiB. Direct memory is what sockets move without a copy; heap memory works too.
 *
 * <p>Holds views only: the memory belongs to whoever allocated it and must outlive this object. Not thread safe beyond
 * what plain memory is: threads may work on disjoint ranges.
 */
public final class FloatVector implements Floats {
    private static final int ALLOCATED_SEGMENT_FLOATS = 1 << 28; // 1 GiB

    private final List<ByteBuffer> segments;
    private final long segmentSize;
    private final long offset;
    private final long size;

    private FloatVector(List<ByteBuffer> segments, long segmentSize, long offset, long size) {
        this.segments = segments;
        this.segmentSize = segmentSize;
        this.offset = offset;
        this.size = size;
    }

    /**
     * A vector over the remaining bytes of each segment, in order; positions and limits of the arguments stay as they
     * are.
     *
     * @param segments all of the same length in bytes, a multiple of 4, but the last, which may be shorter; none is
     *     empty unless it is the only one
     */
    public static FloatVector of(List<ByteBuffer> segments) {
        List<ByteBuffer> views = new ArrayList<>();
        long segmentBytes = segments.isEmpty() ? 0 : segments.get(0).remaining();
        long size = 0;
        for (int i = 0; i < segments.size(); i++) {
            ByteBuffer segment = segments.get(i).slice().order(ByteOrder.LITTLE_ENDIAN);
            int length = segment.capacity();
            boolean last = i == segments.size() - 1;
            Check.argument(length % Float.BYTES == 0, "segment %s: bytes=%s must be a multiple of 4", i, length);
            Check.argument(
                    length == segmentBytes || (last && length > 0 && length < segmentBytes),
                    "segment %s: bytes=%s must equal the first segment's %s (only the last may be shorter)",
                    i,
                    length,
                    segmentBytes);
            views.add(segment);
            size += length / Float.BYTES;
        }
        return new FloatVector(List.copyOf(views), segmentBytes / Float.BYTES, 0, size);
    }

    /** A vector over the remaining bytes of one buffer, see {@link #of(List)}. */
    public static FloatVector of(ByteBuffer segment) {
        return of(List.of(segment));
    }

    /** A vector of zeros in new direct memory. */
    public static FloatVector allocate(long size) {
        Check.argument(size >= 0, "size=%s must not be negative", size);
        List<ByteBuffer> segments = new ArrayList<>();
        for (long at = 0; at < size; at += ALLOCATED_SEGMENT_FLOATS) {
            int length = (int) Math.min(ALLOCATED_SEGMENT_FLOATS, size - at);
            segments.add(ByteBuffer.allocateDirect(Math.multiplyExact(length, Float.BYTES)));
        }
        return of(segments);
    }

    /** A vector in new direct memory that holds these values. */
    public static FloatVector copyOf(float[] values) {
        FloatVector vector = allocate(values.length);
        int at = 0;
        for (FloatBuffer slice : vector.slices()) {
            int length = slice.remaining();
            slice.put(values, at, length);
            at += length;
        }
        return vector;
    }

    /**
     * The vector itself, for implementations that move host memory only.
     *
     * @throws ConfigException for a vector on a GPU
     */
    public static FloatVector onHost(Floats floats) {
        if (floats instanceof FloatVector vector) {
            return vector;
        }
        throw new ConfigException(floats + " is out of reach of ranks that share host memory; connect them by NCCL, or"
                + " set compute.device=cpu");
    }

    @Override
    public long size() {
        return size;
    }

    /**
     * A writable view of the floats from {@code begin} on, at most {@code maxLength} of them and none beyond the end of
     * the segment they lie in; empty only where {@code begin} is {@link #size()} or {@code maxLength} is 0.
     */
    public FloatBuffer slice(long begin, int maxLength) {
        return bytes(begin, maxLength).asFloatBuffer();
    }

    /** The bytes of {@link #slice}: {@code maxLength} counts floats, the view is little endian and writable. */
    public ByteBuffer bytes(long begin, int maxLength) {
        int length = lengthAt(begin, maxLength);
        if (length == 0) {
            return ByteBuffer.allocate(0).order(ByteOrder.LITTLE_ENDIAN);
        }
        ByteBuffer segment = segments.get((int) ((offset + begin) / segmentSize));
        int position = (int) ((offset + begin) % segmentSize);
        return segment.slice(position * Float.BYTES, length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The bytes of a range in views that each lie in one segment, little endian and writable. */
    public ByteBuffer[] buffers(long begin, int length) {
        List<ByteBuffer> buffers = new ArrayList<>(1);
        for (int at = 0; at < length; ) {
            ByteBuffer view = bytes(begin + at, length - at);
            at += view.remaining() / Float.BYTES;
            buffers.add(view);
        }
        return buffers.toArray(new ByteBuffer[0]);
    }

    /** Writable views that together cover the vector in order. */
    public List<FloatBuffer> slices() {
        List<FloatBuffer> slices = new ArrayList<>();
        for (long at = 0; at < size; ) {
            FloatBuffer slice = slice(at, Integer.MAX_VALUE);
            slices.add(slice);
            at += slice.remaining();
        }
        return slices;
    }

    @Override
    public FloatVector range(long begin, long end) {
        Check.argument(0 <= begin && begin <= end && end <= size, "range [%s, %s) outside size=%s", begin, end, size);
        return new FloatVector(segments, segmentSize, offset + begin, end - begin);
    }

    @Override
    public void set(FloatVector source, long begin) {
        Check.argument(
                0 <= begin && begin + source.size <= size,
                "cannot put %s floats at %s of size=%s",
                source.size,
                begin,
                size);
        for (long at = 0; at < source.size; ) {
            FloatBuffer target = slice(begin + at, Integer.MAX_VALUE);
            FloatBuffer values = source.slice(at, target.remaining());
            at += values.remaining();
            target.put(values);
        }
    }

    @Override
    public void copyTo(FloatVector target) {
        Check.argument(target.size == size, "cannot copy %s floats into %s", size, target.size);
        target.set(this, 0);
    }

    @Override
    public void fill(Source source) throws IOException {
        source.read(this);
    }

    /** Adds all of {@code terms} to the floats from {@code begin} on, element by element. */
    public void add(FloatVector terms, long begin) {
        for (long at = 0; at < terms.size; ) {
            FloatBuffer sum = slice(begin + at, (int) Math.min(Integer.MAX_VALUE, terms.size - at));
            FloatBuffer term = terms.slice(at, sum.remaining());
            add(sum, term, term.remaining());
            at += term.remaining();
        }
    }

    /** A method of its own, as short as it is, for the compiler to unroll: as fast here as over arrays. */
    private static void add(FloatBuffer sum, FloatBuffer term, int count) {
        for (int i = 0; i < count; i++) {
            sum.put(i, sum.get(i) + term.get(i));
        }
    }

    /** A copy on the heap, for vectors of fewer than 2^31 floats. */
    public float[] toArray() {
        float[] values = new float[Math.toIntExact(size)];
        int at = 0;
        for (FloatBuffer slice : slices()) {
            int length = slice.remaining();
            slice.get(values, at, length);
            at += length;
        }
        return values;
    }

    private int lengthAt(long begin, int maxLength) {
        Check.argument(0 <= begin && begin <= size, "begin=%s outside size=%s", begin, size);
        Check.argument(maxLength >= 0, "maxLength=%s must not be negative", maxLength);
        if (begin == size) {
            return 0;
        }
        long toSegmentEnd = segmentSize - (offset + begin) % segmentSize;
        return (int) Math.min(maxLength, Math.min(toSegmentEnd, size - begin));
    }
}
