package io.unifiedlatents.core.metrics.detector;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.torchscript.Program;
import io.unifiedlatents.core.torchscript.Torch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * Perceptual distance (LPIPS, Zhang et al. 2018) between pictures, by a network of the user that gives the distance of
 * two pictures, float32 in [-1, 1], or by NVIDIA's vgg16.pt. Pictures are judged as they are, not resized. Like a
 * {@link FeatureExtractor} it runs at one batch size.
 *
 * <p>Holds native memory until closed; used by one thread at a time.
 */
public final class PerceptualDistance implements AutoCloseable {
    private final DetectorFile file;
    private final int batch;
    private final Program program;
    private final NDManager manager;

    /**
     * Loads the network.
     *
     * @param batch pairs given to the network at once
     * @throws io.unifiedlatents.core.config.ConfigException if it is none of distances
     */
    public PerceptualDistance(DetectorFile file, int batch, Device device) throws IOException {
        Check.setting(
                file.convention() == CallingConvention.LPIPS_PAIR
                        || file.convention() == CallingConvention.LPIPS_FEATURES,
                "evaluate.lpips: %s is a network of features; it must be called as forward(a, b), or be NVIDIA's"
                        + " vgg16.pt",
                file.name());
        this.file = file;
        this.batch = batch;
        this.program = file.load(device);
        this.manager = Torch.newManager(device);
    }

    /**
     * Distances of pairs.
     *
     * @param a pictures of one size
     * @param b as many of the same size
     * @return one distance of each pair, finite, 0 for equal pictures
     * @throws io.unifiedlatents.core.config.ConfigException if the network returns another shape or no finite numbers
     */
    public double[] distances(List<Rgb> a, List<Rgb> b) {
        Check.argument(a.size() == b.size(), "%d pictures have no pairs among %d", a.size(), b.size());
        double[] distances = new double[a.size()];
        for (int from = 0; from < distances.length; from += batch) {
            int to = Math.min(from + batch, distances.length);
            double[] some = batch(a.subList(from, to), b.subList(from, to));
            for (int i = from; i < to; i++) {
                distances[i] = some[i - from];
                Check.setting(
                        Double.isFinite(distances[i]),
                        "%s returned %s for pair %d; it must return finite numbers",
                        file.name(),
                        distances[i],
                        i);
            }
        }
        return distances;
    }

    private double[] batch(List<Rgb> a, List<Rgb> b) {
        int width = a.get(0).width();
        int height = a.get(0).height();
        try (NDManager call = manager.newSubManager()) {
            NDArray first = pictures(a, width, height, call);
            NDArray second = pictures(b, width, height, call);
            if (file.convention() == CallingConvention.LPIPS_PAIR) {
                NDArray returned = program.infer("forward", call, first, second).singletonOrThrow();
                check(returned.size() == batch, returned);
                float[] values = returned.toType(DataType.FLOAT32, false).toFloatArray();
                double[] distances = new double[batch];
                for (int i = 0; i < batch; i++) {
                    distances[i] = values[i];
                }
                return distances;
            }
            return squares(features(first, call), features(second, call));
        }
    }

    private float[] features(NDArray pictures, NDManager call) {
        NDArray returned = program.infer("forward", call, file.arguments(pictures, "return_lpips"))
                .singletonOrThrow();
        check(returned.getShape().dimension() == 2 && returned.getShape().get(0) == batch, returned);
        return returned.toType(DataType.FLOAT32, false).toFloatArray();
    }

    private void check(boolean fits, NDArray returned) {
        Check.setting(
                fits,
                "%s returned %s for %d pictures; it must return %s",
                file.name(),
                returned.getShape(),
                batch,
                file.convention() == CallingConvention.LPIPS_PAIR ? "one distance of each" : "[" + batch + ", F]");
    }

    private double[] squares(float[] a, float[] b) {
        double[] sums = new double[batch];
        int length = a.length / batch;
        for (int i = 0; i < a.length; i++) {
            double difference = (double) a[i] - b[i];
            sums[i / length] += difference * difference;
        }
        return sums;
    }

    /** Pictures as planes in the network's range, filled up with zeros. */
    private NDArray pictures(List<Rgb> pictures, int width, int height, NDManager call) {
        int plane = Math.multiplyExact(width, height);
        int length = Math.multiplyExact(4 * 3 * batch, plane);
        FloatBuffer values =
                ByteBuffer.allocateDirect(length).order(ByteOrder.nativeOrder()).asFloatBuffer();
        for (Rgb picture : pictures) {
            Check.setting(
                    picture.width() == width && picture.height() == height,
                    "a perceptual distance needs pictures of one size; one has %d x %d pixels, those before it %d x %d",
                    picture.width(),
                    picture.height(),
                    width,
                    height);
            for (int channel = 0; channel < 3; channel++) {
                for (int i = 0; i < plane; i++) {
                    int value = picture.pixels()[3 * i + channel] & 0xFF;
                    values.put(file.convention() == CallingConvention.LPIPS_PAIR ? value / 127.5f - 1 : value);
                }
            }
        }
        return call.create(values.rewind(), new Shape(batch, 3, height, width), DataType.FLOAT32);
    }

    @Override
    public void close() {
        program.close();
        manager.close();
    }
}
