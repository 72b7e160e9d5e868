package io.unifiedlatents.core.data;

import io.unifiedlatents.core.config.SampleShape;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Samples that a stream gives to a step, as many as one forward and backward takes. The buffers belong to the
 * {@link MicroBatches} they came from and are reused: they hold this content until the next {@link MicroBatches#take}
 * or {@link MicroBatches#close}.
 *
 * @param step training step
 * @param stream stream of the {@link SampleOrder}
 * @param number of this micro-batch among all of the step, in the order of the streams
 * @param firstIndex samples that the stream has given to this step before
 * @param pixels direct, native order, uint8, [B, H, W, 3] of pictures and [B, T, H, W, 3] of clips, position 0; null
 *     where latents alone are read
 * @param size B
 * @param shape of one sample, the same in every micro-batch
 * @param ids stable names of the samples, length B
 * @param labels class indices, length B
 * @param latents direct, native order, clean latents of the unmirrored pictures, [B, C, h, w] or [B, C, t, h, w],
 *     position 0; null where no latents were opened
 */
public record MicroBatch(
        long step,
        int stream,
        int number,
        int firstIndex,
        @Nullable ByteBuffer pixels,
        int size,
        SampleShape shape,
        String[] ids,
        int[] labels,
        @Nullable FloatBuffer latents) {}
