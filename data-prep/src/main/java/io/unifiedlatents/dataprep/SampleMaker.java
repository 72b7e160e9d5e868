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

    /** What it does, by name, version and settings: for footers, manifests and config hashes. */
    String transform();

    /** Whether it makes clips, not pictures. */
    boolean clips();

    /** The manifest of a data set of what it makes. */
    DatasetManifest manifest(ShardFooter footer, long seed, List<ShardInfo> shards);

    /**
     * Makes the samples of one input.
     *
     * @param path name of the input, which random crops and offsets follow from
     * @throws UnusableInput where there is something wrong with the input; what was added before does not count
     * @throws IOException where the sink fails
     */
    Size make(String path, byte[] bytes, Sink samples) throws UnusableInput, IOException;
}
