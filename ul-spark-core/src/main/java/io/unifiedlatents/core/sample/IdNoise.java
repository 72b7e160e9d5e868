package io.unifiedlatents.core.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.random.Seeds;
import java.util.SplittableRandom;

/**
 * Noise of pictures, a function of (seed, purpose, id): whoever computes a picture, in whatever batch, draws the same.
 *
 * @param seed of the run
 */
public record IdNoise(long seed) {
    /**
     * Standard normal numbers, drawn for each picture on its own.
     *
     * @param purpose tells draws for one picture apart
     * @param ids of the pictures
     * @param shape [B, …], a row for each picture
     * @return float32, owned by {@code manager}
     */
    public NDArray normal(NDManager manager, String purpose, String[] ids, Shape shape) {
        int values = Math.toIntExact(shape.size() / ids.length);
        float[] noise = new float[ids.length * values];
        for (int i = 0; i < ids.length; i++) {
            SplittableRandom random = new SplittableRandom(Seeds.of(seed, purpose + " of " + ids[i]));
            for (int k = 0; k < values; k++) {
                noise[i * values + k] = (float) random.nextGaussian();
            }
        }
        return manager.create(noise, shape);
    }
}
