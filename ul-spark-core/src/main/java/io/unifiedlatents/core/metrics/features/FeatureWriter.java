package io.unifiedlatents.core.metrics.features;

import ai.djl.Device;
import io.unifiedlatents.core.config.ClipEvaluationConfig;
import io.unifiedlatents.core.config.EvaluateConfig;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.metrics.detector.DetectorFile;
import io.unifiedlatents.core.metrics.detector.FeatureExtractor;
import io.unifiedlatents.core.metrics.detector.FeatureStream;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Puts pictures or clips before a detector and what it gives into files, unit by unit. A detector of clips sees a
 * clip's first frames, one of pictures each of those that the generator made by itself.
 */
public final class FeatureWriter {
    private final FeatureExtractor extractor;
    private final ClipEvaluationConfig clips;
    private final int frames;
    private final Storage directory;
    private final FeatureStream stream;
    private final Map<String, List<float[]>> vectors = new TreeMap<>();

    /** Loads the detector of a config; the caller closes it. */
    public static FeatureExtractor extractor(EvaluateConfig config, Device device, Configuration hadoop)
            throws IOException {
        return new FeatureExtractor(
                DetectorFile.read("evaluate.detector.file", config.detector().file(), hadoop),
                config.detector(),
                config.batch(),
                device,
                config.distances().inceptionSplits() > 0);
    }

    /**
     * Starts a set.
     *
     * @param extractor stays open
     * @param frames of each clip of the set; 1 for pictures
     * @param directory where features go
     */
    public FeatureWriter(FeatureExtractor extractor, ClipEvaluationConfig clips, int frames, Storage directory) {
        this.extractor = extractor;
        this.clips = clips;
        this.frames = frames;
        this.directory = directory;
        this.stream = extractor.stream((features, logits, spatial) -> {
            put(FeatureSet.FEATURES, features);
            put(FeatureSet.LOGITS, logits);
            put(FeatureSet.SPATIAL, spatial);
        });
    }

    private void put(String kind, float @Nullable [] vector) {
        if (vector != null) {
            vectors.computeIfAbsent(kind, none -> new ArrayList<>()).add(vector);
        }
    }

    /**
     * Adds a picture, or the frames of a clip below each other.
     *
     * @throws io.unifiedlatents.core.config.ConfigException naming it, if it does not suit the detector or the settings
     */
    public void add(String id, Rgb picture) {
        if (extractor.takesClips()) {
            stream.add(id, ClipFrames.of(id, picture, frames, clips));
        } else if (frames == 1) {
            stream.add(id, picture);
        } else {
            List<Rgb> all = ClipFrames.of(id, picture, frames, clips);
            for (int i = clips.conditioningFrames(); i < all.size(); i++) {
                stream.add(id + ", frame " + i, all.get(i));
            }
        }
    }

    /**
     * Writes what was added since the last unit.
     *
     * @return number of vectors by kind
     */
    public Map<String, Integer> finish(int unit) throws IOException {
        stream.flush();
        Map<String, Integer> rows = new TreeMap<>();
        for (Map.Entry<String, List<float[]>> kind : vectors.entrySet()) {
            StoredFeatures.write(directory, kind.getKey(), unit, kind.getValue());
            rows.put(kind.getKey(), kind.getValue().size());
        }
        vectors.clear();
        return rows;
    }
}
