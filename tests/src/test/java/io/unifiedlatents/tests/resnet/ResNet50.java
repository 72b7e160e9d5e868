package io.unifiedlatents.tests.resnet;

import io.unifiedlatents.core.nn.Layers;
import io.unifiedlatents.core.torchscript.Archive;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.DetectorOperations;
import io.unifiedlatents.core.torchscript.Functions;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.Initializer;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * ResNet-50 v1 (He et al. 2015, arXiv 1512.03385) as Keras has it: the stride of a stage sits on the first 1×1
 * convolution, convolutions have biases. For inference only: batch norms are folded into the convolutions by
 * {@link KerasWeights}. Parameters are called like the Keras layers, below {@value #PATH}.
 */
public final class ResNet50 {
    static final String PATH = "resnet50";
    static final int SIDE = 224;
    static final int FEATURES = 2048;
    static final int CLASSES = 1000;
    /** Mean pixel of ImageNet in BGR, subtracted from the input. */
    static final List<Double> MEAN = List.of(103.939, 116.779, 123.68);

    private static final List<Integer> BLOCKS = List.of(3, 4, 6, 3); // of the stages 2 to 5

    private ResNet50() {}

    /**
     * Writes the network up to its global average.
     *
     * @param x BGR minus {@link #MEAN}, float32 [B, 3, 224, 224]
     * @return float32 [B, 2048]
     */
    static Value features(Scope s, Value x) {
        x = conv(s.at("conv1"), x, 64, 7, 2).relu(); // [B, 64, 112, 112]
        x = DetectorOperations.maxPool(s, x, 3, 2, 1); // Keras pads with zeros; behind a ReLU that is no padding at all
        for (int stage = 0; stage < BLOCKS.size(); stage++) {
            for (int block = 0; block < BLOCKS.get(stage); block++) {
                String name = "res" + (stage + 2) + (char) ('a' + block) + "_branch";
                x = block(s, name, x, 64L << stage, block == 0, stage > 0 && block == 0 ? 2 : 1);
            }
        }
        return x.mean(2, 3).reshape(-1, FEATURES);
    }

    private static Value conv(Scope s, Value x, long out, long kernel, int stride) {
        long in = x.extent(1);
        Value weight = s.parameter("weight", Initializer.fanIn(in * kernel * kernel), out, kernel, kernel, in);
        return Functions.conv(s, x, weight, s.parameter("bias", Initializer.ZEROS, out), stride);
    }

    private static Value block(Scope s, String name, Value x, long channels, boolean first, int stride) {
        Value h = conv(s.at(name + "2a"), x, channels, 1, stride).relu();
        h = conv(s.at(name + "2b"), h, channels, 3, 1).relu();
        h = conv(s.at(name + "2c"), h, 4 * channels, 1, 1);
        Value shortcut = first ? conv(s.at(name + "1"), x, 4 * channels, 1, stride) : x;
        return h.add(shortcut).relu();
    }

    /** Scores of the ImageNet classes before softmax, [B, 2048] → [B, 1000]. */
    static Value scores(Scope s, Value features) {
        return Layers.linear(s.at("fc1000"), features, CLASSES);
    }

    /** The script {@code classify(parameters, x) → (features, scores)}, see {@link #features}. */
    public static Archive classifier(ParameterLayout layout) {
        Graph graph = new Graph("classify", layout, DType.FLOAT32);
        graph.parametersFromArgument("parameters");
        Value x = graph.input("x", DType.FLOAT32, -1, 3, SIDE, SIDE);
        Value features = features(graph.scope(PATH), Functions.channelsLast(graph.scope(PATH), x));
        graph.output(features, scores(graph.scope(PATH), features));
        return Archive.of(graph);
    }

    /**
     * The detector {@code forward(uint8 [B, 3, R, R]) → float32 [B, 2048]} for RGB pictures of any size, resized to 224
     * pixels bilinearly, with antialiasing where they shrink.
     *
     * @param weights in the order of {@link #classifier}'s layout; the scores' part is left out
     */
    public static Archive detector(FloatBuffer weights) {
        ParameterLayout layout = new ParameterLayout();
        Graph graph = new Graph("forward", layout, DType.FLOAT32);
        // pictures of other sizes can be passed too: the resize makes them equal
        Value pixels = graph.input("pixels", DType.UINT8, -1, 3, SIDE, SIDE);
        Scope s = graph.scope(PATH);
        Value rgb = Functions.channelsLast(s, DetectorOperations.resize(s, pixels.to(DType.FLOAT32), SIDE, SIDE));
        Value bgr = Functions.concat(s, 1, centred(rgb, 2), centred(rgb, 1), centred(rgb, 0));
        graph.output(features(s, bgr));
        return Archive.withWeights(weights.slice(0, Math.toIntExact(layout.size())), graph);
    }

    /** One channel of an RGB picture minus its mean, [B, 1, 224, 224]. */
    private static Value centred(Value rgb, int channel) {
        return rgb.slice(1, channel, channel + 1).add(-MEAN.get(2 - channel));
    }
}
