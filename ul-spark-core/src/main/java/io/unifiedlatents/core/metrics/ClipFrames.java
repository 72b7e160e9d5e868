package io.unifiedlatents.core.metrics;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ClipEvaluationConfig;
import io.unifiedlatents.core.data.Rgb;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Clips as a detector is to see them: the first frames, brought to the size at which the protocol judges (Kinetics-600:
 * 16 frames at 64 pixels, whatever the size they were made at; Yu et al. 2023, MAGVIT, App. B.3).
 */
final class ClipFrames {
    private ClipFrames() {}

    /**
     * The frames of a clip.
     *
     * @param id of the clip, for messages
     * @param stack its frames below each other
     * @param frames how many they are
     * @throws io.unifiedlatents.core.config.ConfigException if it has fewer than are to be judged
     */
    static List<Rgb> of(String id, Rgb stack, int frames, ClipEvaluationConfig config) {
        Check.setting(
                frames >= config.frames(),
                "clip %s has %d frames, evaluate.clips.frames is %d; lower it, or prepare longer clips",
                id,
                frames,
                config.frames());
        int height = stack.height() / frames;
        int bytes = 3 * stack.width() * height;
        List<Rgb> list = new ArrayList<>();
        for (int i = 0; i < config.frames(); i++) {
            list.add(new Rgb(
                    stack.width(), height, Arrays.copyOfRange(stack.pixels(), i * bytes, (i + 1) * bytes)));
        }
        return list;
    }
}
