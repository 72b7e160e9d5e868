package io.unifiedlatents.core.metrics.detector;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.data.Rgb;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Pictures or clips of one size on their way through a {@link FeatureExtractor}, batch by batch. */
public final class FeatureStream {
    private final FeatureExtractor extractor;
    private final FeatureExtractor.Sink sink;
    private final List<String> ids = new ArrayList<>();
    private long count;

    /** Width, height and frames of each, from the first on. */
    private @Nullable Size size;

    private @Nullable ByteBuffer input;

    private record Size(int width, int height, int frames) {
        @Override
        public String toString() {
            return width + " x " + height + " pixels" + (frames == 0 ? "" : " in " + frames + " frames");
        }
    }

    FeatureStream(FeatureExtractor extractor, FeatureExtractor.Sink sink) {
        this.extractor = extractor;
        this.sink = sink;
    }

    /**
     * Adds a picture.
     *
     * @param id its name, for messages
     * @throws io.unifiedlatents.core.config.ConfigException if the network takes clips, if the picture differs in size
     *     from those before it and is not resized, or if a result is not finite
     */
    public void add(String id, Rgb picture) {
        Check.setting(
                !extractor.takesClips(),
                "%s judges clips, and %s is a picture; take a detector of pictures",
                extractor.file().name(),
                id);
        add(id, List.of(picture), 0);
    }

    /**
     * Adds a clip.
     *
     * @param id its name, for messages
     * @param frames of one size, in order
     * @throws io.unifiedlatents.core.config.ConfigException as {@link #add(String, Rgb)}, with pictures and clips
     *     exchanged
     */
    public void add(String id, List<Rgb> frames) {
        Check.setting(
                extractor.takesClips(),
                "%s judges pictures, and %s is a clip; take a detector of clips",
                extractor.file().name(),
                id);
        add(id, frames, frames.size());
    }

    private void add(String id, List<Rgb> frames, int clip) {
        Resize resize = extractor.resize();
        for (Rgb frame : frames) {
            Size found = resize == null
                    ? new Size(frame.width(), frame.height(), clip)
                    : new Size(resize.side(), resize.side(), clip);
            if (size == null) {
                size = found;
            }
            Check.setting(
                    found.equals(size),
                    "%s has %s, those before it %s; a batch takes one size: set evaluate.detector.resize",
                    id,
                    found,
                    size);
        }
        ByteBuffer bytes = buffer(frames.size());
        int place = ids.size();
        for (int t = 0; t < frames.size(); t++) {
            if (resize == null) {
                put(bytes, frames.get(t), place, t, frames.size());
            } else {
                put(bytes, resize.planes(frames.get(t)), place, t, frames.size());
            }
        }
        ids.add(id);
        if (ids.size() == extractor.batch()) {
            flush();
        }
    }

    /** Runs what was added since the last batch; at the end, or the sink gets less than was added. */
    public void flush() {
        if (ids.isEmpty()) {
            return;
        }
        ByteBuffer bytes = java.util.Objects.requireNonNull(input);
        Size each = java.util.Objects.requireNonNull(size);
        for (int i = bytes.capacity() / extractor.batch() * ids.size(); i < bytes.capacity(); i++) {
            bytes.put(i, (byte) 0);
        }
        long[] shape = extractor.takesClips()
                ? new long[] {3, each.frames, each.height, each.width}
                : new long[] {3, each.height, each.width};
        FeatureExtractor.Results results = extractor.run(bytes, shape);
        for (int i = 0; i < ids.size(); i++, count++) {
            sink.accept(
                    finite(results.features()[i], i),
                    results.logits() == null ? null : finite(results.logits()[i], i),
                    results.spatial() == null ? null : finite(results.spatial()[i], i));
        }
        ids.clear();
    }

    private float[] finite(float[] values, int place) {
        for (int i = 0; i < values.length; i++) {
            Check.setting(
                    Float.isFinite(values[i]),
                    "%s returned %s as value %d of %s (number %d, from 0); it must return finite numbers",
                    extractor.file().name(),
                    values[i],
                    i,
                    ids.get(place),
                    count);
        }
        return values;
    }

    private ByteBuffer buffer(int frames) {
        if (input == null) {
            Size each = java.util.Objects.requireNonNull(size);
            long bytes = (extractor.takesFloats() ? 4L : 1L) * 3 * frames * each.width * each.height;
            Check.setting(
                    bytes * extractor.batch() <= Integer.MAX_VALUE,
                    "evaluate.batch=%d of %d bytes each is more than 2 GiB; take a smaller batch",
                    extractor.batch(),
                    bytes);
            input = ByteBuffer.allocateDirect((int) bytes * extractor.batch()).order(ByteOrder.nativeOrder());
        }
        return input;
    }

    /** Puts a frame at [place, channel, frame, y, x]. */
    private void put(ByteBuffer bytes, Rgb frame, int place, int t, int frames) {
        byte[] pixels = frame.pixels();
        int plane = pixels.length / 3;
        for (int channel = 0; channel < 3; channel++) {
            int to = ((place * 3 + channel) * frames + t) * plane;
            for (int i = 0; i < plane; i++) {
                put(bytes, to + i, pixels[3 * i + channel] & 0xFF);
            }
        }
    }

    private void put(ByteBuffer bytes, float[] planes, int place, int t, int frames) {
        int plane = planes.length / 3;
        for (int channel = 0; channel < 3; channel++) {
            int to = ((place * 3 + channel) * frames + t) * plane;
            for (int i = 0; i < plane; i++) {
                put(bytes, to + i, planes[channel * plane + i]);
            }
        }
    }

    private void put(ByteBuffer bytes, int at, float value) {
        if (extractor.takesFloats()) {
            bytes.putFloat(4 * at, value);
        } else {
            bytes.put(at, (byte) value);
        }
    }
}
