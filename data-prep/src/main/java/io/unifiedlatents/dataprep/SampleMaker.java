package io.unifiedlatents.dataprep;

import io.unifiedlatents.core.data.ClipTiming;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.ShardFooter;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.dataprep.source.UnusableInput;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes samples from the bytes of an input, the same on every machine. Thread-safe. */
interface SampleMaker extends Serializable {
    /**
     * A sample, which becomes a row of a data set.
     *
     * @param window number within its input, from 0
     * @param stored its encoded bytes
     * @param width width in pixels of the picture, or of each frame; so is {@code height}
     * @param timing frame times of a clip; null for a picture
     */
    record Sample(
            int window,
            byte[] stored,
            int width,
            int height,
            @Nullable ClipTiming timing) {}

    /** Size of the input in pixels. */
    record Size(int width, int height) {}

    /** Receives samples as they are made. */
    interface Sink {
        void add(Sample sample) throws IOException;
    }

    /** Returns name, version and settings of the transform, for footers, manifests and config hashes. */
    String transform();

    /** Returns whether the samples are clips, not pictures. */
    boolean clips();

    /** Returns the manifest of a data set of such samples. */
    DatasetManifest manifest(ShardFooter footer, long seed, List<ShardInfo> shards);

    /**
     * Makes the samples of one input.
     *
     * @param path name of the input, which seeds random crops and offsets
     * @throws UnusableInput where the input is damaged or unsuitable; samples added before do not count
     * @throws IOException where the sink fails
     */
    Size make(String path, byte[] bytes, Sink samples) throws UnusableInput, IOException;
}
