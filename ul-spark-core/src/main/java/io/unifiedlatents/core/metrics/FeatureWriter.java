package io.unifiedlatents.core.metrics;

import ai.djl.Device;
import io.unifiedlatents.core.config.EvaluateConfig;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Puts pictures and clips before a detector and its features into files, unit by unit. A detector of pictures sees every
 * frame of a clip, one of clips the clip. Without a detector it does nothing.
 */
public final class FeatureWriter implements AutoCloseable {
    private final EvaluateConfig config;
    private final Storage directory;
    private final @Nullable FeatureExtractor extractor;
    private final Map<String, List<float[]>> vectors = new HashMap<>();

    private FeatureWriter(EvaluateConfig config, Storage directory, Device device, Configuration hadoop)
            throws IOException {
        this.config = config;
        this.directory = directory;
        this.extractor = config.detector().file().isEmpty()
                ? null
                : new FeatureExtractor(
                        DetectorFile.read(config.detector().file(), hadoop),
                        config.detector(),
                        config.batch(),
                        device,
                        config.distances().inceptionSplits() > 0,
                        this::take);
    }

    /**
     * Loads the detector of a config, if it names one.
     *
     * @param directory where features go
     */
    public static FeatureWriter open(EvaluateConfig config, String directory, Device device, Configuration hadoop)
            throws IOException {
        return new FeatureWriter(config, Storage.at(directory, hadoop), device, hadoop);
    }

    private void take(float[] features, float @Nullable [] logits, float @Nullable [] spatial) {
        put(FeatureSet.FEATURES, features);
        put(FeatureSet.LOGITS, logits);
        put(FeatureSet.SPATIAL, spatial);
    }

    private void put(String kind, float @Nullable [] vector) {
        if (vector != null) {
            vectors.computeIfAbsent(kind, none -> new ArrayList<>()).add(vector);
        }
    }
}
