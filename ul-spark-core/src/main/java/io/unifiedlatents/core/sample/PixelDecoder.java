package io.unifiedlatents.core.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.torchscript.Program;

/** The decoder at work: noisy latents to pictures of 8 bits. */
public final class PixelDecoder {
    private static final float HALF_RANGE = 127.5f;

    private final int side;
    private final IdNoise noise;
    private final float[] schedule;
    private final Program decoder;

    /**
     * Takes the decoder of some networks.
     *
     * @param steps denoising steps
     */
    public PixelDecoder(UnifiedLatents model, LoadedNetworks networks, long seed, int steps) {
        this.side = model.config().resolution();
        this.noise = new IdNoise(seed);
        this.schedule = DdimSchedule.toData(model.pixelSchedule(), steps);
        this.decoder = networks.get(Exports.DECODER);
    }

    /**
     * Decodes a batch.
     *
     * @param ids of the pictures, for the noise that pixels start from
     * @param z0 noisy latents, float32 [B, C, h, w]
     * @return B pictures, uint8 RGB row by row
     */
    public byte[][] decode(NDManager call, String[] ids, NDArray z0) {
        NDArray start = noise.normal(call, "noise of pixels", ids, new Shape(ids.length, 3, side, side));
        NDArray steps = DdimSchedule.array(call, schedule);
        return toBytes(decoder.call("sample", call, z0, start, steps)
                .singletonOrThrow()
                .toFloatArray());
    }

    /** [B, 3, R, R] in [−1, 1] → B pictures, uint8 RGB row by row. */
    private byte[][] toBytes(float[] decoded) {
        int plane = side * side;
        byte[][] pictures = new byte[decoded.length / (3 * plane)][3 * plane];
        for (int i = 0; i < pictures.length; i++) {
            for (int p = 0; p < plane; p++) {
                for (int c = 0; c < 3; c++) {
                    float value = (decoded[(i * 3 + c) * plane + p] + 1) * HALF_RANGE;
                    pictures[i][p * 3 + c] = (byte) Math.max(0, Math.min(255, Math.round(value)));
                }
            }
        }
        return pictures;
    }
}
