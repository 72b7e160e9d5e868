package io.unifiedlatents.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.MicroBatch;
import io.unifiedlatents.core.loss.Bits;
import io.unifiedlatents.core.model.Condition;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Program;
import io.unifiedlatents.core.torchscript.Torch;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The objective of the base model against closed forms: as it starts it predicts v̂ = 0, exact for unit Gaussians. */
class BaseObjectiveTest {
    private static final int BATCH = 2_048;
    private static final int CHANNELS = 4;
    private static final int SIDE = 8;
    private static final int DIMENSIONS = CHANNELS * SIDE * SIDE;
    private static final double BIAS = -1;
    private static final RunConfig CONFIG = ConfigLoader.load(
            "tiny",
            "",
            List.of("model={height: 16, width: 16}", "encoder.latentChannels=4", "objective.baseBias=-1.0"));

    private static double softplus(double x) {
        return Math.log1p(Math.exp(x));
    }

    @Test
    void someSamplesAreShownWithoutTheirClass() {
        RunConfig config = ConfigLoader.load(
                "",
                ConfigLoader.yaml(CONFIG),
                List.of("base.condition.kind=class", "base.condition.classes=10", "base.condition.dropout=0.25"));
        UnifiedLatents model = UnifiedLatents.of(config.networks(), config.objective(), config.compute());
        Condition condition = model.base().conditions().get(0);
        int[] labels = new int[8];
        Arrays.setAll(labels, i -> i);
        int untold = 0;
        Set<List<Long>> patterns = new HashSet<>();
        for (int step = 0; step < 500; step++) {
            MicroBatch batch = new MicroBatch(
                    step / 2, step % 2, step % 2, 0, null, 8, CONFIG.model(), new String[8], labels, null);
            long[] told = ((LongBuffer) condition.training(batch, 1).values()).array();
            patterns.add(Arrays.stream(told).boxed().toList());
            for (int i = 0; i < 8; i++) {
                assertThat(told[i]).isIn((long) i, 10L);
                untold += told[i] == 10 ? 1 : 0;
            }
        }
        assertThat(patterns).hasSizeGreaterThan(60); // of 256; steps and streams draw by themselves
        assertThat(untold).isBetween(890, 1_110); // 4,000 draws of a quarter: 1,000, deviation 27; four of them
        assertThat(UnifiedLatents.of(CONFIG.networks(), CONFIG.objective(), CONFIG.compute())
                        .base()
                        .conditions())
                .isEmpty();
    }

    @Test
    void unitGaussiansCostWhatTheClosedFormsSay() {
        UnifiedLatents model = UnifiedLatents.of(CONFIG.networks(), CONFIG.objective(), CONFIG.compute());
        Objective objective = BaseObjective.of(model, CONFIG.objective(), DType.FLOAT32, 1);
        assertThat(objective.wantsPixels()).isFalse();
        try (Program program = Program.load(objective.archive(), Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray parameters = manager.zeros(new Shape(objective.layout().size()));
            objective.layout().initialize(Torch.floats(parameters), 1);
            Random random = new Random(4);
            float[] z = new float[BATCH * DIMENSIONS];
            for (int i = 0; i < z.length; i++) {
                z[i] = (float) random.nextGaussian();
            }
            MicroBatch batch = new MicroBatch(
                    0, 0, 0, 0, null, BATCH, CONFIG.model(), new String[BATCH], new int[BATCH], FloatBuffer.wrap(z));
            Input.Feed feed = new Input.Feed(
                    parameters,
                    manager.zeros(new Shape(objective.layout().size())),
                    batch,
                    objective.coefficients(0, BATCH),
                    BATCH);
            float[] terms = program.call(Objective.METHOD, manager, objective.feed(manager, feed))
                    .singletonOrThrow()
                    .toFloatArray();
            double loss = 0;
            double bound = 0;
            for (int i = 0; i < BATCH; i++) {
                loss += terms[2 * i] / BATCH;
                bound += terms[2 * i + 1] / BATCH;
            }
            double bits = Bits.perPixel(SampleShape.picture(16, 16)) * DIMENSIONS;
            // ½ ∫ σ(λ) σ(b − λ) dλ, whose integrand is (σ(λ) − σ(λ − b)) / (1 − e^(−b))
            double max = model.latentSchedule().logSnr(0);
            double min = model.latentSchedule().logSnr(1);
            double integral = (softplus(max) - softplus(max - BIAS) - softplus(min) + softplus(min - BIAS))
                    / (1 - Math.exp(-BIAS));
            // 524,288 squares of relative deviation √2 over stratified levels: standard errors about 0.25% of either
            assertThat(loss).isCloseTo(bits * integral / 2, within(0.01 * loss));
            assertThat(bound).isCloseTo(bits * softplus(5) / 2, within(0.01 * bound));
        }
    }
}
