package io.unifiedlatents.core.report;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.SampleShape;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The card of an evaluation: everything that its figures depend on. Values are texts, booleans, whole numbers (kept as
 * {@link Long}) or finite other numbers (kept as {@link Double}); their order is kept.
 *
 * @param judged what was judged: run, stage, step, digests of the networks or of the samples. May differ between
 *     reports that are compared
 * @param measured how it was measured: held-out pictures, reference, detector, resize chain, sampler, seed, counts. Has
 *     to be alike in reports that are compared
 */
@JsonPropertyOrder({"judged", "measured"})
public record EvaluationCard(Map<String, Object> judged, Map<String, Object> measured) {
    /** Key of the shape of the pictures, or of each frame of the clips, that figures were measured on. */
    public static final String SHAPE = "shape";

    /** Copies both; refuses what JSON does not give back as it was. */
    public EvaluationCard {
        judged = plain("judged", judged);
        measured = plain("measured", measured);
    }

    /** The value of {@link #SHAPE}: {@code 32×48×3}; of pictures of any size, for which shape is null, in words. */
    public static String shapeOf(@Nullable SampleShape shape) {
        return SampleShape.text(shape == null ? null : shape.frame());
    }

    private static Map<String, Object> plain(String part, Map<String, Object> values) {
        Map<String, Object> plain = new LinkedHashMap<>();
        values.forEach((key, value) -> plain.put(key, plain(part + "." + key, value)));
        return Collections.unmodifiableMap(plain);
    }

    private static Object plain(String key, Object value) {
        if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).longValue();
        }
        if (value instanceof Float || value instanceof Double) {
            double number = ((Number) value).doubleValue();
            Check.argument(Double.isFinite(number), "card.%s is %s; numbers of a card are finite", key, value);
            return number;
        }
        Check.argument(
                value instanceof String || value instanceof Boolean || value instanceof Long,
                "card.%s is %s; it must be a text, a number or a boolean",
                key,
                value);
        return value;
    }
}
