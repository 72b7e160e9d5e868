package io.unifiedlatents.tests.benchmarks;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.sample.ModelExport;
import io.unifiedlatents.core.torchscript.Archive;
import io.unifiedlatents.core.torchscript.Program;
import io.unifiedlatents.core.torchscript.Torch;
import io.unifiedlatents.core.train.Input;
import io.unifiedlatents.core.train.Objective;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Map;

/** Our step on given inputs: forward, loss, backward, gradient added onto the flat gradient. */
final class OurStep implements AutoCloseable {
    private final NDManager manager = Torch.newManager(Device.cpu());
    private final Program program;
    private final NDArray gradient;
    private final NDArray[] inputs;

    OurStep(Objective objective, StepInputs in) {
        this.program = Program.load(objective.archive(), Device.cpu());
        this.gradient = manager.zeros(new Shape(in.parameters.length));
        this.inputs = objective.feed(
                manager, new Input.Feed(manager.create(in.parameters), gradient, in.batch(), in.levels, in.batch));
    }

    /** One step; the terms of the loss [B, 4]. */
    float[] run() {
        try (NDManager call = manager.newSubManager()) {
            return program.call(Objective.METHOD, call, inputs)
                    .singletonOrThrow()
                    .toFloatArray();
        }
    }

    /** Seconds of so many steps. */
    double seconds(int steps) {
        long begin = System.nanoTime();
        for (int i = 0; i < steps; i++) {
            run();
        }
        return 1e-9 * (System.nanoTime() - begin);
    }

    /** What the steps so far have added up. */
    float[] gradient() {
        return gradient.toFloatArray();
    }

    @Override
    public void close() {
        manager.close();
        program.close();
    }

    /** Results of encoder, prior and decoder as they are exported, on the same inputs. */
    static Map<String, float[]> networks(ModelExport export, Objective objective, StepInputs in) {
        FloatBuffer weights = FloatBuffer.wrap(in.parameters);
        try (NDManager manager = Torch.newManager(Device.cpu())) {
            Shape pictures = new Shape(in.sample.storedBatch(in.batch));
            NDArray bytes = manager.create(ByteBuffer.wrap(in.pixels), pictures, DataType.UINT8);
            NDArray rows = manager.create(in.coefficients, new Shape(in.batch, 8));
            NDArray latent = manager.create(in.latent).reshape(in.latentShape);
            NDArray noisy = manager.create(in.noisy, new Shape(in.sample.networkBatch(in.batch)));
            return Map.of(
                    "encoder",
                    call(export.network(Exports.ENCODER, objective.layout(), weights), "encode", manager, bytes),
                    "prior",
                    call(
                            export.network(Exports.PRIOR, objective.layout(), weights),
                            "forward",
                            manager,
                            latent,
                            rows.get(":, 2")),
                    "decoder",
                    call(
                            export.network(Exports.DECODER, objective.layout(), weights),
                            "denoise",
                            manager,
                            noisy,
                            latent,
                            rows.get(":, 6")));
        }
    }

    private static float[] call(Archive archive, String method, NDManager manager, NDArray... inputs) {
        try (Program program = Program.load(archive, Device.cpu())) {
            return program.call(method, manager, inputs).singletonOrThrow().toFloatArray();
        }
    }
}
