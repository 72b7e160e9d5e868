package io.unifiedlatents.core.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.MicroBatch;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.Program;
import io.unifiedlatents.core.torchscript.Torch;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Backward in segments against backward in one call, on the networks that are trained. */
class SegmentedBackwardTest {
    private static final int BATCH = 3;
    private static final RunConfig CONFIG = ConfigLoader.load(
            "tiny",
            "",
            List.of(
                    "model={height: 16, width: 16}",
                    "encoder={channels: [8, 16], blocks: [1, 1], latentChannels: 4}",
                    "prior.blocks=2",
                    "decoder={patch: 2, blocks: [2], middleBlocks: 2, dropout: 0.1}",
                    "base={widths: [8, 16, 24], blocks: [1, 2, 1], heads: [2, 2, 2], dropout: 0.1}",
                    "base.condition={kind: class, classes: 3}"));
    private static final UnifiedLatents MODEL =
            UnifiedLatents.of(CONFIG.networks(), CONFIG.objective(), CONFIG.compute());

    @ParameterizedTest
    @CsvSource({
        "latents, FLOAT32, 5",
        "decoder, FLOAT32, 3",
        "base, FLOAT32, 5",
        "latents, BFLOAT16, 5",
        "base, BFLOAT16, 5"
    })
    void sumsAreThoseOfOneCall(String trained, DType compute, int segments) {
        Objective objective = switch (trained) {
            case "latents" -> LatentsObjective.of(MODEL, CONFIG.objective(), compute, 1);
            case "decoder" -> DecoderObjective.of(MODEL, CONFIG.objective(), compute, 1);
            default -> BaseObjective.of(MODEL, CONFIG.objective(), compute, 1);
        };
        try (Program program = Program.load(objective.archive(), Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray[] inputs = inputs(objective, manager);
            NDArray gradient = inputs[1];
            float[] terms = program.call(Objective.METHOD, manager, inputs)
                    .singletonOrThrow()
                    .toFloatArray();
            float[] whole = gradient.toFloatArray();
            gradient.subi(gradient);

            NDList kept = program.call(Objective.METHOD + Graph.FORWARD, manager, inputs);
            assertThat(kept.get(0).toFloatArray()).containsExactly(terms);
            List<Graph.Segment> order = objective.graph().segments();
            assertThat(order).hasSize(segments);
            NDList upstream = new NDList();
            long end = objective.layout().size();
            for (Graph.Segment segment : order) {
                upstream = program.call(segment.method(), manager, new NDList(kept).addAll(upstream), gradient);
                assertThat(segment.end()).isEqualTo(end); // the segments cover the vector from behind
                end = segment.begin();
                assertComplete(gradient.toFloatArray(), whole, (int) end, compute);
            }
            assertThat(end).isZero();
        }
    }

    /**
     * What lies behind {@code begin} is final, the rest untouched. Results that two segments use add up two gradients
     * or more in another order: each rounding is half a step of the largest, 2⁻²⁴ or 2⁻⁹ of it, and passes through a
     * few layers, here 64 half steps at most.
     */
    private static void assertComplete(float[] parts, float[] whole, int begin, DType compute) {
        double largest = 0;
        double worst = 0;
        for (int i = begin; i < whole.length; i++) {
            largest = Math.max(largest, Math.abs(whole[i]));
            worst = Math.max(worst, Math.abs(parts[i] - whole[i]));
        }
        assertThat(largest).isPositive();
        assertThat(worst).isLessThanOrEqualTo(largest * 64 * (compute == DType.FLOAT32 ? 0x1p-24 : 0x1p-9));
        for (int i = 0; i < begin; i++) {
            assertThat(parts[i]).isZero();
        }
    }

    private static NDArray[] inputs(Objective objective, NDManager manager) {
        SplittableRandom random = new SplittableRandom(7);
        SampleShape sample = MODEL.config().sample();
        NDArray parameters = manager.zeros(new Shape(objective.layout().size()));
        for (int i = 0; i < objective.layout().size(); i++) { // weights that start at zero would hide gradients
            Torch.floats(parameters).put(i, (float) random.nextDouble(-0.2, 0.2));
        }
        byte[] pixels = new byte[BATCH * sample.values()];
        random.nextBytes(pixels);
        float[] latents = new float[BATCH * MODEL.config().latent().values()];
        for (int i = 0; i < latents.length; i++) {
            latents[i] = (float) random.nextDouble(-1, 1);
        }
        MicroBatch batch = new MicroBatch(
                0,
                0,
                0,
                0,
                ByteBuffer.wrap(pixels),
                BATCH,
                sample,
                new String[BATCH],
                new int[] {0, 3, 1},
                FloatBuffer.wrap(latents));
        return objective.feed(
                manager,
                new Input.Feed(
                        parameters,
                        manager.zeros(new Shape(objective.layout().size())),
                        batch,
                        objective.coefficients(0, BATCH),
                        BATCH));
    }
}
