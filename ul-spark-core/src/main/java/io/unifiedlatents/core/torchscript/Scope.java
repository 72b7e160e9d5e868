package io.unifiedlatents.core.torchscript;

/**
 * A place in a network: the path that names parameters, temporaries and errors. Immutable; layers receive the scope
 * they live in, as in {@code conv(s.at("conv1"), x, 64, 3)}.
 *
 * @param graph the method being written
 * @param path dotted, as in {@code decoder.down.1}
 */
public record Scope(Graph graph, String path) {
    /** The place one level deeper. */
    public Scope at(String name) {
        return new Scope(graph, path + "." + name);
    }

    /** The numbered place one level deeper. */
    public Scope at(int index) {
        return at(Integer.toString(index));
    }

    /** A parameter of this layer in the compute dtype. */
    public Value parameter(String name, Initializer initializer, long... extents) {
        return graph.parameter(path + "." + name, graph.compute(), initializer, new Shape(extents));
    }

    /** A parameter of this layer that stays float32 whatever the compute dtype. */
    public Value parameterFloat32(String name, Initializer initializer, long... extents) {
        return graph.parameter(path + "." + name, DType.FLOAT32, initializer, new Shape(extents));
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
