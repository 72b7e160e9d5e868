package io.unifiedlatents.core.judge;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.loss.Bits;
import io.unifiedlatents.core.loss.Diffusion;
import io.unifiedlatents.core.model.Condition;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.random.Seeds;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.sample.IdNoise;
import io.unifiedlatents.core.sample.LoadedNetworks;
import io.unifiedlatents.core.schedule.NoiseLevel;
import io.unifiedlatents.core.schedule.Weighting;
import java.util.ArrayList;
import java.util.List;

/**
 * The cost of clean latents under a diffusion model of them, by Monte Carlo over stratified noise levels: the bound of
 * {@link io.unifiedlatents.core.loss.DiffusionPrior}, unweighted. Levels and noise are functions of (seed, id), so that
 * two models are measured alike.
 *
 * @param model noise levels and sizes
 * @param seed of the run
 * @param timesPerImage noise levels drawn for each picture
 */
record LatentBits(UnifiedLatents model, long seed, int timesPerImage) {
    /**
     * Bits of each picture.
     *
     * @param name of the prior or the base model among the networks; a conditional base model is given no condition
     * @param ids of the pictures
     * @param z their clean latents, float32 [B, C, h, w]
     * @return bits per pixel [B]
     */
    double[] perPixel(LoadedNetworks networks, String name, NDManager call, String[] ids, NDArray z) {
        IdNoise noise = new IdNoise(seed);
        List<Condition> conditions = name.equals(Exports.BASE) ? model.base().conditions() : List.of();
        double[] bits = new double[ids.length];
        for (int k = 0; k < timesPerImage; k++) {
            float[] rows = new float[Diffusion.COLUMNS * ids.length];
            for (int i = 0; i < ids.length; i++) {
                double offset = Seeds.unitInterval(Seeds.of(seed, "time of " + ids[i]));
                NoiseLevel level = model.latentSchedule().at((k + offset) / timesPerImage);
                Diffusion.put(rows, i, level, Weighting.elbo());
            }
            NDArray drawn = noise.normal(call, "noise " + k + " of the prior", ids, z.getShape());
            NDArray levels = call.create(rows, new Shape(ids.length, Diffusion.COLUMNS));
            List<NDArray> inputs = new ArrayList<>(List.of(z, drawn, levels));
            conditions.forEach(
                    condition -> inputs.add(condition.none(ids.length).on(call)));
            float[] nats = networks.get(name)
                    .call("nats", call, inputs.toArray(new NDArray[0]))
                    .singletonOrThrow()
                    .toFloatArray();
            for (int i = 0; i < ids.length; i++) {
                bits[i] += nats[i] * Bits.perPixel(model.config().sample()) / timesPerImage;
            }
        }
        return bits;
    }
}
