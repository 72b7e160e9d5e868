package io.unifiedlatents.core.metrics.features;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ClipEvaluationConfig;
import io.unifiedlatents.core.data.Rgb;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The frames of clips. */
public final class ClipFrames {
    private ClipFrames() {}

    /**
     * The first frames of a clip, as many as are judged.
     *
     * @param id of the clip, for messages
     * @param stack its frames below each other
     * @param frames how many they are
     * @throws io.unifiedlatents.core.config.ConfigException if it has fewer than are to be judged
     */
    public static List<Rgb> of(String id, Rgb stack, int frames, ClipEvaluationConfig config) {
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
            list.add(new Rgb(stack.width(), height, Arrays.copyOfRange(stack.pixels(), i * bytes, (i + 1) * bytes)));
        }
        return list;
    }
}
