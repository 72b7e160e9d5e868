package io.unifiedlatents.core.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.config.SamplerKind;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.schedule.DiffusionSampler;
import io.unifiedlatents.core.torchscript.Program;

/** The decoder at work: noisy latents to pictures of 8 bits. */
public final class PixelDecoder {
    private static final float HALF_RANGE = 127.5f;

    private final SampleShape shape;
    private final IdNoise noise;
    private final float[] schedule;
    private final Program decoder;

    /**
     * Takes the decoder of some networks.
     *
     * @param kind of sampler
     * @param steps denoising steps
     */
    public PixelDecoder(UnifiedLatents model, LoadedNetworks networks, long seed, SamplerKind kind, int steps) {
        this.shape = model.config().sample();
        this.noise = new IdNoise(seed);
        this.schedule = kind.sampler().rows(model.pixelSchedule(), steps, DiffusionSampler.End.DATA);
        this.decoder = networks.get(Exports.DECODER);
    }

    /**
     * Decodes a batch.
     *
     * @param ids of the pictures, for the noise that pixels start from
     * @param z0 noisy latents, float32 [B, C, h, w]
     * @return B pictures as stored, uint8 [H, W, C]
     */
    public byte[][] decode(NDManager call, String[] ids, NDArray z0) {
        NDArray start = noise.normal(call, "noise of pixels", ids, new Shape(shape.networkBatch(ids.length)));
        NDArray steps =
                call.create(schedule, new Shape(schedule.length / DiffusionSampler.COLUMNS, DiffusionSampler.COLUMNS));
        return toBytes(decoder.call("sample", call, z0, start, steps)
                .singletonOrThrow()
                .toFloatArray());
    }

    /** [B, C, (T,) H, W] in [−1, 1] → B samples as stored, uint8 with channels last. */
    private byte[][] toBytes(float[] decoded) {
        int plane = shape.positions();
        int channels = shape.channels();
        byte[][] pictures = new byte[decoded.length / shape.values()][shape.values()];
        for (int i = 0; i < pictures.length; i++) {
            for (int p = 0; p < plane; p++) {
                for (int c = 0; c < channels; c++) {
                    float value = (decoded[(i * channels + c) * plane + p] + 1) * HALF_RANGE;
                    pictures[i][p * channels + c] = (byte) Math.max(0, Math.min(255, Math.round(value)));
                }
            }
        }
        return pictures;
    }
}
