package io.unifiedlatents.core.metrics.detector;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.DetectorConfig;
import io.unifiedlatents.core.torchscript.Program;
import io.unifiedlatents.core.torchscript.Torch;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A detector's network, loaded onto a device, that turns pictures or clips into features.
 *
 * <p>It always runs at one shape: the last batch is filled up. libtorch picks its kernels by the shape: of a ResNet-50
 * with random weights, 112 x 112 pixels, on two CPU threads, three of four features differ between batches of 1 and of
 * 8, by up to 6e-4 of their value. At one size, and at one place in the batch, they depend neither on what else is in
 * it (seen of a small convolutional network, on a CPU) nor on how many pictures are added at once.
 *
 * <p>Holds native memory until closed; used by one thread at a time.
 */
public final class FeatureExtractor implements AutoCloseable {
    /** Spatial channels that ADM's evaluator takes for sFID. */
    private static final int SPATIAL_CHANNELS = 7;

    private final DetectorFile file;
    private final @Nullable Resize resize;
    private final int batch;
    private final boolean logits;
    private final Program program;
    private final NDManager manager;

    /** Takes the results of one picture or clip; called in the order in which they were added. */
    public interface Sink {
        /**
         * One result.
         *
         * @param features of the detector, finite
         * @param logits of its classes, finite; null unless asked for
         * @param spatial the first 7 channels of its spatial features, [H, W, 7]; null where it has none
         */
        void accept(float[] features, float @Nullable [] logits, float @Nullable [] spatial);
    }

    /** Results of a whole batch, each [batch, …]. */
    record Results(float[][] features, float @Nullable [][] logits, float @Nullable [][] spatial) {}

    /**
     * Loads the network.
     *
     * @param config how pictures are resized; its file is not looked at
     * @param batch pictures, or clips, given to the network at once
     * @param logits whether logits are wanted, as the Inception Score needs them
     * @throws ConfigException if the file measures distances between pictures instead, or logits are wanted of clips
     */
    public FeatureExtractor(DetectorFile file, DetectorConfig config, int batch, Device device, boolean logits)
            throws IOException {
        this.file = file;
        this.resize = Resize.of(config);
        this.batch = batch;
        this.logits = logits;
        CallingConvention convention = file.convention();
        Check.setting(
                convention == CallingConvention.PLAIN
                        || convention == CallingConvention.INCEPTION
                        || convention == CallingConvention.I3D,
                "%s measures distances between pictures; name it in evaluate.lpips, and in evaluate.detector.file a"
                        + " network that returns features",
                file.name());
        Check.setting(
                !(logits && convention == CallingConvention.I3D),
                "%s judges clips; there is no Inception Score of clips: set evaluate.distances.inceptionSplits=0",
                file.name());
        this.program = file.load(device);
        this.manager = Torch.newManager(device);
    }

    /** Starts a row of pictures or clips of one size whose results go to {@code sink}. */
    public FeatureStream stream(Sink sink) {
        return new FeatureStream(this, sink);
    }

    /** The file of the network. */
    public DetectorFile file() {
        return file;
    }

    @Nullable
    Resize resize() {
        return resize;
    }

    int batch() {
        return batch;
    }

    public boolean takesClips() {
        return file.convention() == CallingConvention.I3D;
    }

    /** Whether the network gets float32 instead of uint8. */
    boolean takesFloats() {
        return takesClips() || (resize != null && !resize.rounded());
    }

    /**
     * Runs the network on a whole batch.
     *
     * @param input direct, from 0 to its capacity
     * @param shape of a picture or clip: [3, H, W] or [3, T, H, W]
     */
    Results run(ByteBuffer input, long[] shape) {
        long[] extents = new long[shape.length + 1];
        extents[0] = batch;
        System.arraycopy(shape, 0, extents, 1, shape.length);
        try (NDManager call = manager.newSubManager()) {
            NDArray pictures = takesFloats()
                    ? call.create(input.rewind().asFloatBuffer(), new Shape(extents), DataType.FLOAT32)
                    : call.create(input.rewind(), new Shape(extents), DataType.UINT8);
            return switch (file.convention()) {
                case PLAIN -> plain(program.infer("forward", call, pictures));
                case INCEPTION ->
                    new Results(
                            rows(infer(call, pictures, "return_features").get(0)),
                            logits
                                    ? logarithms(rows(infer(call, pictures, "no_output_bias")
                                            .get(0)))
                                    : null,
                            null);
                case I3D ->
                    new Results(
                            rows(infer(call, pictures, "rescale", "resize", "return_features")
                                    .get(0)),
                            null,
                            null);
                case LPIPS_PAIR, LPIPS_FEATURES -> throw new IllegalStateException("refused by the constructor");
            };
        }
    }

    private NDList infer(NDManager call, NDArray pictures, String... flags) {
        return program.infer("forward", call, file.arguments(pictures, flags));
    }

    private Results plain(NDList returned) {
        Check.setting(
                returned.size() >= (logits ? 2 : 1) && returned.size() <= 3,
                "%s returned %d tensors; it must return %s",
                file.name(),
                returned.size(),
                logits
                        ? "features and logits, since the Inception Score needs them:"
                                + " set evaluate.distances.inceptionSplits=0 to do without"
                        : "features, or features, logits and spatial features");
        return new Results(
                rows(returned.get(0)),
                logits ? rows(returned.get(1)) : null,
                returned.size() == 3 ? spatial(returned.get(2)) : null);
    }

    private float[][] rows(NDArray returned) {
        Shape shape = returned.getShape();
        Check.setting(
                shape.dimension() == 2 && shape.get(0) == batch,
                "%s returned %s for %d pictures; it must return [%d, F]",
                file.name(),
                shape,
                batch,
                batch);
        return rows(returned, (int) shape.get(1));
    }

    private float[][] rows(NDArray returned, int length) {
        float[] flat = returned.toType(DataType.FLOAT32, false).toFloatArray();
        float[][] rows = new float[batch][length];
        for (int i = 0; i < batch; i++) {
            System.arraycopy(flat, i * length, rows[i], 0, length);
        }
        return rows;
    }

    /** [B, C, H, W] to rows of [H, W, 7], the order of ADM's reference statistics. */
    private float[][] spatial(NDArray returned) {
        Shape shape = returned.getShape();
        Check.setting(
                shape.dimension() == 4 && shape.get(0) == batch && shape.get(1) >= SPATIAL_CHANNELS,
                "%s returned %s as spatial features of %d pictures; they must be [%d, C, H, W] with 7 channels or more",
                file.name(),
                shape,
                batch,
                batch);
        int places = (int) (shape.get(2) * shape.get(3));
        float[][] all = rows(returned, (int) shape.get(1) * places);
        float[][] spatial = new float[batch][SPATIAL_CHANNELS * places];
        for (int i = 0; i < batch; i++) {
            for (int c = 0; c < SPATIAL_CHANNELS; c++) {
                for (int p = 0; p < places; p++) {
                    spatial[i][p * SPATIAL_CHANNELS + c] = all[i][c * places + p];
                }
            }
        }
        return spatial;
    }

    /** Logits of probabilities; of 0, which the softmax rounds to, that of the smallest float. */
    private static float[][] logarithms(float[][] probabilities) {
        for (float[] row : probabilities) {
            for (int i = 0; i < row.length; i++) {
                row[i] = (float) Math.log(row[i] == 0 ? Float.MIN_VALUE : row[i]);
            }
        }
        return probabilities;
    }

    @Override
    public void close() {
        program.close();
        manager.close();
    }
}
