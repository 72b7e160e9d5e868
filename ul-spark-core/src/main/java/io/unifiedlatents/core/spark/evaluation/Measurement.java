package io.unifiedlatents.core.spark.evaluation;

import io.unifiedlatents.core.config.ClipEvaluationConfig;
import io.unifiedlatents.core.config.DetectorConfig;
import io.unifiedlatents.core.config.EvaluateConfig;
import io.unifiedlatents.core.metrics.detector.DetectorFile;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/**
 * The detector and its settings, for cards and manifests.
 *
 * @param file the detector
 * @param evaluate its settings
 */
record Measurement(DetectorFile file, EvaluateConfig evaluate) {
    /** Key of the file's name. */
    static final String DETECTOR = "detector";

    /** Reads the detector that {@code evaluate.detector.file} names. */
    static Measurement of(EvaluateConfig evaluate, Configuration hadoop) throws IOException {
        return new Measurement(
                DetectorFile.read("evaluate.detector.file", evaluate.detector().file(), hadoop), evaluate);
    }

    /**
     * Everything that features depend on but the pictures.
     *
     * @param frames of each clip; 1 for pictures
     */
    Map<String, Object> card(int frames) {
        DetectorConfig detector = evaluate.detector();
        Map<String, Object> card = new LinkedHashMap<>();
        card.put(DETECTOR, file.name());
        card.put("detectorHash", file.sha256());
        card.put("resize", detector.resize());
        if (!detector.resize().equals("none")) {
            card.put("resizedSide", detector.side());
        }
        card.put("detectorBatch", evaluate.batch());
        if (frames > 1) {
            ClipEvaluationConfig clips = evaluate.clips();
            card.put("frames", clips.frames());
            card.put("conditioningFrames", clips.conditioningFrames());
        }
        return card;
    }
}
