package io.unifiedlatents.dataprep.clip;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.data.Rgb;
import java.util.Arrays;

/**
 * The frames of a clip as one picture, the first on top, so that a clip can be stored as a PNG. Since pixels of both
 * lie row by row, this is the same array seen in another way: nothing is copied.
 */
public final class FrameStack {
    private FrameStack() {}

    /** The picture of a clip, as wide as its frames and as high as all of them. */
    public static Rgb of(Clip clip) {
        return new Rgb(clip.resolution(), clip.frames() * clip.resolution(), clip.pixels());
    }

    /**
     * Pixels of a clip's frames, one after the other, from its picture.
     *
     * @throws IllegalArgumentException where the picture is no stack of so many square frames
     */
    public static byte[] pixels(Rgb stack, int frames) {
        Check.argument(
                stack.height() == (long) frames * stack.width(),
                "a picture of %d x %d pixels is no stack of %d square frames",
                stack.width(),
                stack.height(),
                frames);
        return stack.pixels();
    }

    /** One frame, copied. */
    public static Rgb frame(Clip clip, int index) {
        int bytes = 3 * clip.resolution() * clip.resolution();
        byte[] pixels = Arrays.copyOfRange(clip.pixels(), index * bytes, (index + 1) * bytes);
        return new Rgb(clip.resolution(), clip.resolution(), pixels);
    }
}
