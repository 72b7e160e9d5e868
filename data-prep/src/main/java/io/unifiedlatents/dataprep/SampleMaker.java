package io.unifiedlatents.dataprep;

import io.unifiedlatents.core.data.ClipTiming;
import io.unifiedlatents.dataprep.source.Unreadable;
import java.io.IOException;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** Makes samples of the bytes of an input; the same of the same on every machine. Any number of threads may use it. */
interface SampleMaker extends Serializable {
    /**
     * What becomes a row of a data set.
     *
     * @param window number within its input, from 0
     * @param stored its bytes as they are stored
     * @param width pixels of the picture, or of each frame
     * @param height likewise
     * @param timing of a clip; null for a picture
     */
    record Sample(
            int window,
            byte[] stored,
            int width,
            int height,
            @Nullable ClipTiming timing) {}

    /** Size of the input in pixels. */
    record Size(int width, int height) {}

    /** Takes samples as they are made. */
    interface Sink {
        void add(Sample sample) throws IOException;
    }

    /**
     * Makes the samples of one input.
     *
     * @param path name of the input, which random crops and offsets follow from
     * @throws Unreadable where there is something wrong with the input; what was added before does not count
     * @throws IOException where the sink fails
     */
    Size make(String path, byte[] bytes, Sink samples) throws Unreadable, IOException;
}
