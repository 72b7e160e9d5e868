package io.unifiedlatents.core.config;

import java.io.Serializable;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The shape of one sample, or of its latent: a picture has one frame, a clip has several.
 *
 * <p>Stored samples have their channels last, {@link #stored}; networks see them behind the batch axis,
 * {@link #network}, without the axis of frames where there is one frame.
 *
 * @param frames at least 1
 * @param height pixels or latent positions
 * @param width pixels or latent positions
 * @param channels 3 for RGB
 */
public record SampleShape(int frames, int height, int width, int channels) implements Serializable {
    /** Checks the ranges. */
    public SampleShape {
        Check.setting(
                frames >= 1 && height >= 1 && width >= 1 && channels >= 1,
                "frames=%d, height=%d, width=%d and channels=%d must be at least 1",
                frames,
                height,
                width,
                channels);
    }

    /** The shape of an RGB picture. */
    public static SampleShape picture(int height, int width) {
        return new SampleShape(1, height, width, 3);
    }

    /** Whether samples are clips: networks have an axis of frames for them. */
    public boolean hasFrameAxis() {
        return frames > 1;
    }

    /** The shape of one frame. */
    public SampleShape frame() {
        return new SampleShape(1, height, width, channels);
    }

    /**
     * Height and width in names and hashed texts: {@code 256} of a square, {@code 32x48} (height first) of any other.
     */
    public String size() {
        return height == width ? Integer.toString(height) : height + "x" + width;
    }

    /** Numbers in one sample. */
    public int values() {
        return Math.multiplyExact(positions(), channels);
    }

    /** Pixels of all frames, or latent positions: what bits per pixel are counted over. */
    public int positions() {
        return Math.multiplyExact(Math.multiplyExact(frames, height), width);
    }

    /** Extents that networks see behind the batch axis: [C, H, W] of a picture, [C, T, H, W] of a clip. */
    public long[] network() {
        return hasFrameAxis() ? new long[] {channels, frames, height, width} : new long[] {channels, height, width};
    }

    /** {@link #network} behind an open batch axis, [-1, C, H, W] or [-1, C, T, H, W]. */
    public long[] networkBatch() {
        return batch(-1, network());
    }

    /** Extents as stored: [H, W, C] of a picture, [T, H, W, C] of a clip. */
    public long[] stored() {
        return hasFrameAxis() ? new long[] {frames, height, width, channels} : new long[] {height, width, channels};
    }

    /** {@link #stored} behind a batch axis of this extent; −1 leaves it open. */
    public long[] storedBatch(long samples) {
        return batch(samples, stored());
    }

    /** {@link #network} behind a batch axis of this extent; −1 leaves it open. */
    public long[] networkBatch(long samples) {
        return batch(samples, network());
    }

    private static long[] batch(long samples, long[] extents) {
        return LongStream.concat(LongStream.of(samples), LongStream.of(extents)).toArray();
    }

    /** A shape for people, with {@code any size} for null. */
    public static String text(@Nullable SampleShape shape) {
        return shape == null ? "any size" : shape.toString();
    }

    /** For messages: {@code 32×48×3}, or {@code 16×32×48×3} with frames in front. */
    @Override
    public String toString() {
        return (hasFrameAxis() ? frames + "×" : "") + height + "×" + width + "×" + channels;
    }
}
