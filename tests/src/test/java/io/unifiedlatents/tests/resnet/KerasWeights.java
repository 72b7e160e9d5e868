package io.unifiedlatents.tests.resnet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * A Keras model saved for the web: {@code model.json} with topology and a list of tensors, and files that hold these
 * tensors one behind the other as little-endian float32. Batch norms are folded: conv(x) γ/√(var + ε) + … is again a
 * convolution.
 */
final class KerasWeights {
    private final Map<String, FloatBuffer> tensors = new HashMap<>();
    private final Map<String, Double> epsilons = new HashMap<>();

    private KerasWeights() {}

    /**
     * Reads a model.
     *
     * @param directory holds {@code model.json} and the files it names
     */
    static KerasWeights read(Path directory) throws IOException {
        JsonNode model =
                new ObjectMapper().readTree(directory.resolve("model.json").toFile());
        KerasWeights weights = new KerasWeights();
        for (JsonNode group : model.required("weightsManifest")) {
            weights.readGroup(directory, group);
        }
        JsonNode topology = model.required("modelTopology");
        for (JsonNode layer :
                topology.path("model_config").path("config").path("layers").isMissingNode()
                        ? topology.required("config").required("layers")
                        : topology.required("model_config").required("config").required("layers")) {
            JsonNode epsilon = layer.required("config").path("epsilon");
            if (epsilon.isNumber()) {
                weights.epsilons.put(layer.required("config").required("name").asText(), epsilon.asDouble());
            }
        }
        return weights;
    }

    private void readGroup(Path directory, JsonNode group) throws IOException {
        long total = 0;
        for (JsonNode path : group.required("paths")) {
            total += Files.size(directory.resolve(path.asText()));
        }
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(total)).order(ByteOrder.LITTLE_ENDIAN);
        for (JsonNode path : group.required("paths")) {
            bytes.put(Files.readAllBytes(directory.resolve(path.asText())));
        }
        FloatBuffer floats = bytes.flip().asFloatBuffer();
        for (JsonNode tensor : group.required("weights")) {
            String name = tensor.required("name").asText();
            Check.argument(tensor.required("dtype").asText().equals("float32"), "%s is not float32", name);
            int size = 1;
            for (JsonNode extent : tensor.required("shape")) {
                size = Math.multiplyExact(size, extent.asInt());
            }
            tensors.put(name, floats.slice(floats.position(), size));
            floats.position(floats.position() + size);
        }
        Check.argument(!floats.hasRemaining(), "%s numbers are left behind the last tensor", floats.remaining());
    }

    /** Number of parameters, the statistics of batch norms included. */
    long parameters() {
        return tensors.values().stream().mapToLong(FloatBuffer::capacity).sum();
    }

    /**
     * The flat vector of a network whose layers are called like those of this model.
     *
     * @param path what precedes the layers' names in the layout
     */
    FloatBuffer flat(ParameterLayout layout, String path) {
        FloatBuffer flat = FloatBuffer.allocate(Math.toIntExact(layout.size()));
        for (ParameterLayout.Entry entry : layout.entries()) {
            String[] name = entry.name().substring(path.length() + 1).split("\\.");
            String layer = name[0];
            double[] scale = scale(layer, Math.toIntExact(entry.shape().get(0)));
            FloatBuffer target = flat.slice(Math.toIntExact(entry.offset()), Math.toIntExact(entry.size()));
            if (name[1].equals("weight")) {
                outputsFirst(tensor(layer + "/kernel", target.remaining()), scale, target);
            } else {
                bias(layer, scale, target);
            }
        }
        return flat;
    }

    private FloatBuffer tensor(String name, int size) {
        FloatBuffer tensor = tensors.get(name);
        if (tensor == null || tensor.capacity() != size) {
            throw new IllegalArgumentException(
                    name + ": expected " + size + " numbers, got " + (tensor == null ? "none" : tensor.capacity()));
        }
        return tensor;
    }

    /** The batch norm behind a layer, {@code bn_conv1} or {@code bn2a_branch1}; layers without one have no ε. */
    private static String norm(String layer) {
        return layer.startsWith("res") ? "bn" + layer.substring("res".length()) : "bn_" + layer;
    }

    /** γ / √(var + ε) of each output channel; 1 where no batch norm follows. */
    private double[] scale(String layer, int channels) {
        double[] scale = new double[channels];
        Double epsilon = epsilons.get(norm(layer));
        for (int c = 0; c < channels; c++) {
            scale[c] = epsilon == null
                    ? 1
                    : tensor(norm(layer) + "/gamma", channels).get(c)
                            / Math.sqrt(tensor(norm(layer) + "/moving_variance", channels)
                                            .get(c)
                                    + epsilon);
        }
        return scale;
    }

    /** Keras keeps [..., in, out] (HWIO, or [in, out]); we keep [out, ..., in]. */
    private static void outputsFirst(FloatBuffer kernel, double[] scale, FloatBuffer target) {
        int outputs = scale.length;
        int inputs = kernel.capacity() / outputs;
        for (int out = 0; out < outputs; out++) {
            for (int in = 0; in < inputs; in++) {
                target.put((float) (kernel.get(in * outputs + out) * scale[out]));
            }
        }
    }

    /** β + (bias − mean) · scale. */
    private void bias(String layer, double[] scale, FloatBuffer target) {
        int channels = scale.length;
        FloatBuffer bias = tensor(layer + "/bias", channels);
        boolean normalised = epsilons.containsKey(norm(layer));
        for (int c = 0; c < channels; c++) {
            double mean =
                    normalised ? tensor(norm(layer) + "/moving_mean", channels).get(c) : 0;
            double beta = normalised ? tensor(norm(layer) + "/beta", channels).get(c) : 0;
            target.put((float) (beta + (bias.get(c) - mean) * scale[c]));
        }
    }
}
