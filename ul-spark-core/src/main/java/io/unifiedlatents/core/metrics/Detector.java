package io.unifiedlatents.core.metrics;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.torchscript.Program;
import io.unifiedlatents.core.torchscript.Torch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** A TorchScript file that maps pictures, uint8 [B, 3, R, R], to features, float32 [B, F]. */
public final class Detector implements AutoCloseable {
    private final Program program;
    private final NDManager manager;

    /** Loads the file; the stream stays open. */
    public Detector(InputStream archive, Device device) throws IOException {
        this.program = Program.load(archive, device);
        this.manager = Torch.newManager(device);
    }

    /**
     * Features of some pictures.
     *
     * @param pictures uint8 RGB row by row, equal sizes
     * @param side pixels along a side
     * @return features of each picture, in order
     */
    public float[][] features(byte[][] pictures, int side) {
        ByteBuffer planes = ByteBuffer.allocateDirect(pictures.length * 3 * side * side);
        for (byte[] picture : pictures) {
            for (int c = 0; c < 3; c++) {
                for (int p = 0; p < side * side; p++) {
                    planes.put(picture[3 * p + c]);
                }
            }
        }
        planes.flip();
        try (NDManager call = manager.newSubManager()) {
            NDArray input = call.create(planes, new Shape(pictures.length, 3, side, side), DataType.UINT8);
            NDArray features = program.call("forward", call, input).singletonOrThrow();
            Check.setting(
                    features.getShape().dimension() == 2 && features.getShape().get(0) == pictures.length,
                    "the detector returned %s for %d pictures; it must return [B, F]",
                    features.getShape(),
                    pictures.length);
            float[] flat = features.toType(DataType.FLOAT32, false).toFloatArray();
            int length = flat.length / pictures.length;
            float[][] rows = new float[pictures.length][];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = java.util.Arrays.copyOfRange(flat, i * length, (i + 1) * length);
            }
            return rows;
        }
    }

    @Override
    public void close() {
        program.close();
        manager.close();
    }
}
