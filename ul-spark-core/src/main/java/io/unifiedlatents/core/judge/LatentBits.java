package io.unifiedlatents.core.judge;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.loss.Bits;
import io.unifiedlatents.core.loss.Diffusion;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.random.Seeds;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.sample.IdNoise;
import io.unifiedlatents.core.sample.LoadedNetworks;
import io.unifiedlatents.core.schedule.NoiseLevel;
import io.unifiedlatents.core.schedule.Weighting;
import java.util.Arrays;

/**
 * What clean latents cost under a diffusion model of them, by Monte Carlo over stratified noise levels: the bound of
 * {@link io.unifiedlatents.core.loss.PriorLoss}, unweighted. Levels and noise are functions of (seed, id), so that two
 * models are measured alike.
 *
 * @param model noise levels and sizes
 * @param seed of the run
 * @param timesPerImage noise levels drawn for each picture
 */
record LatentBits(UnifiedLatents model, long seed, int timesPerImage) {
    /**
     * Bits of each picture.
     *
     * @param name of the prior or the base model among the networks; a base model that is told classes is told none
     * @param ids of the pictures
     * @param z their clean latents, float32 [B, C, h, w]
     * @return bits per pixel [B]
     */
    double[] perPixel(LoadedNetworks networks, String name, NDManager call, String[] ids, NDArray z) {
        IdNoise noise = new IdNoise(seed);
        int classes = model.config().base().condition().classCount();
        long[] noClass = new long[ids.length];
        Arrays.fill(noClass, classes);
        double[] bits = new double[ids.length];
        for (int k = 0; k < timesPerImage; k++) {
            float[] rows = new float[Diffusion.COLUMNS * ids.length];
            for (int i = 0; i < ids.length; i++) {
                double offset = Seeds.unitInterval(Seeds.of(seed, "time of " + ids[i]));
                NoiseLevel level = model.latentSchedule().at((k + offset) / timesPerImage);
                int at = Diffusion.COLUMNS * i;
                rows[at] = (float) level.alpha();
                rows[at + 1] = (float) level.sigma();
                rows[at + 2] = (float) level.logSnr();
                rows[at + 3] = (float) level.velocityWeight(Weighting.elbo());
            }
            NDArray drawn = noise.normal(call, "noise " + k + " of the prior", ids, z.getShape());
            NDArray levels = call.create(rows, new Shape(ids.length, Diffusion.COLUMNS));
            NDArray[] inputs = name.equals(Exports.BASE) && classes > 0
                    ? new NDArray[] {z, drawn, levels, call.create(noClass)}
                    : new NDArray[] {z, drawn, levels};
            float[] nats = networks.get(name)
                    .call("nats", call, inputs)
                    .singletonOrThrow()
                    .toFloatArray();
            for (int i = 0; i < ids.length; i++) {
                bits[i] += nats[i] * Bits.perPixel(model.config().sample()) / timesPerImage;
            }
        }
        return bits;
    }
}
