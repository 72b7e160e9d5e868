package io.unifiedlatents.core.judge;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.loss.Bits;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.random.Seeds;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.sample.IdNoise;
import io.unifiedlatents.core.sample.LoadedNetworks;
import io.unifiedlatents.core.sample.ModelExport;
import io.unifiedlatents.core.schedule.NoiseLevel;
import io.unifiedlatents.core.schedule.Weighting;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.train.BaseObjective;
import java.io.ByteArrayInputStream;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LatentBitsTest {
    private static final RunConfig CONFIG =
            ConfigLoader.load("tiny", "", List.of("base.condition={kind: class, classes: 3}"));

    @Test
    void aBaseModelThatIsToldClassesIsMeasuredWithoutOne() throws Exception {
        UnifiedLatents model = UnifiedLatents.of(CONFIG.networks(), CONFIG.objective(), CONFIG.compute());
        ParameterLayout layout =
                BaseObjective.of(model, CONFIG.objective(), DType.FLOAT32, 1).layout();
        FloatBuffer weights = FloatBuffer.allocate((int) layout.size());
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < weights.capacity(); i++) {
            weights.put(i, (float) (0.3 * random.nextGaussian()));
        }
        byte[] file = new ModelExport(model, DType.FLOAT32)
                .network(Exports.BASE, layout, weights)
                .bytes();
        try (LoadedNetworks networks = LoadedNetworks.load(
                        name -> new ByteArrayInputStream(file), Device.cpu(), List.of(Exports.BASE));
                NDManager call = networks.newManager()) {
            String[] ids = {"a", "b"};
            Shape shape = new Shape(2, 2, 4, 4);
            NDArray z = new IdNoise(9).normal(call, "latents", ids, shape);
            double[] found = new LatentBits(model, 1, 1).perPixel(networks, Exports.BASE, call, ids, z);

            float[] rows = new float[8];
            for (int i = 0; i < 2; i++) {
                double time = Seeds.unitInterval(Seeds.of(1, "time of " + ids[i]));
                NoiseLevel level = model.latentSchedule().at(time);
                rows[4 * i] = (float) level.alpha();
                rows[4 * i + 1] = (float) level.sigma();
                rows[4 * i + 2] = (float) level.logSnr();
                rows[4 * i + 3] = (float) level.velocityWeight(Weighting.elbo());
            }
            NDArray noise = new IdNoise(1).normal(call, "noise 0 of the prior", ids, shape);
            NDArray levels = call.create(rows, new Shape(2, 4));
            for (long label = 0; label <= 3; label++) {
                float[] nats = networks.get(Exports.BASE)
                        .call("nats", call, z, noise, levels, call.create(new long[] {label, label}))
                        .singletonOrThrow()
                        .toFloatArray();
                double[] bits = {
                    nats[0] * Bits.perPixel(SampleShape.picture(8, 8)),
                    nats[1] * Bits.perPixel(SampleShape.picture(8, 8))
                };
                if (label == 3) { // the one that says nothing
                    assertThat(found).isEqualTo(bits);
                } else {
                    assertThat(found).isNotEqualTo(bits);
                }
            }
        }
    }
}
