package io.unifiedlatents.core.torchscript;

/**
 * The path of a layer in a network, which names its parameters, temporaries and errors. Immutable; layers receive the
 * scope they live in, as in {@code conv(s.at("conv1"), x, 64, 3)}.
 *
 * @param graph the method being written
 * @param path dotted, as in {@code decoder.down.1}
 */
public record Scope(Graph graph, String path) {
    /** The path one level deeper. */
    public Scope at(String name) {
        return new Scope(graph, path + "." + name);
    }

    /** The numbered path one level deeper. */
    public Scope at(int index) {
        return at(Integer.toString(index));
    }

    /** A parameter of this layer in the compute dtype. */
    public Value parameter(String name, Initializer initializer, long... extents) {
        return graph.parameter(path + "." + name, initializer, new Shape(extents));
    }

    /** Adds an operation of this layer, with a result of the dtype of {@code x}. */
    Value emit(Value x, Shape shape, String function, Object... arguments) {
        return graph.emit(path, shape, x.dtype(), function, arguments);
    }

    /** Fails with the layer's path in front. */
    @com.google.errorprone.annotations.FormatMethod
    void require(boolean condition, Value x, String format, Object... values) {
        if (!condition) {
            throw new IllegalArgumentException(
                    path + ": " + String.format(format, values) + " (x is " + x.shape() + ")");
        }
    }
}
