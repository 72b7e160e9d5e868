package io.unifiedlatents.core.torchscript;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * An argument of an operation. Tensors are results of nodes; what an operation takes besides (numbers, lists, devices,
 * sizes) is written where it is used.
 */
sealed interface Argument {
    /** A constant. */
    record Literal(String text) implements Argument {}

    /** A list of arguments, as of the tensors that are concatenated. */
    record Items(List<Argument> parts) implements Argument {}

    /** An argument passed by its name. */
    record Keyword(String name, Argument value) implements Argument {
        @Override
        public List<Argument> parts() {
            return List.of(value);
        }
    }

    /** A function of other arguments, written in place: the device or an extent of a tensor, a conversion. */
    record Expression(String function, List<Argument> parts) implements Argument {}

    /** A variable of the script. Each is one object: two of the same path are different variables. */
    sealed interface Symbol extends Argument permits Value, Handle {
        /** Dotted path of the layer that made it; the variable in the script is named after it. */
        String path();
    }

    /** The arguments inside this one. */
    default List<Argument> parts() {
        return List.of();
    }

    /** All values inside this argument. */
    default Stream<Value> values() {
        return this instanceof Value value ? Stream.of(value) : parts().stream().flatMap(Argument::values);
    }

    /** The same argument with some values replaced by others. */
    default Argument replacing(Map<Value, Value> substitutes) {
        if (this instanceof Value value) {
            return substitutes.getOrDefault(value, value);
        }
        List<Argument> replaced =
                parts().stream().map(part -> part.replacing(substitutes)).toList();
        if (this instanceof Items) {
            return new Items(replaced);
        }
        if (this instanceof Keyword keyword) {
            return new Keyword(keyword.name(), replaced.get(0));
        }
        return this instanceof Expression expression ? new Expression(expression.function(), replaced) : this;
    }

    /** The argument that stands for "not given". */
    static Argument none() {
        return new Literal("None");
    }

    /** An argument passed by its name. */
    static Argument keyword(String name, Object value) {
        return new Keyword(name, of(value));
    }

    /** A function of other arguments, written in place. */
    static Argument expression(String function, Object... arguments) {
        return new Expression(function, all(arguments));
    }

    /** The device of a tensor. */
    static Argument device(Value x) {
        return expression("ops.prim.device", x);
    }

    /** Arguments as {@link #of} makes them. */
    static List<Argument> all(Object... values) {
        return Arrays.stream(values).map(Argument::of).toList();
    }

    /** A number, truth value, text, array of numbers, dtype or list of such things as an argument. */
    static Argument of(Object value) {
        if (value instanceof Argument argument) {
            return argument;
        }
        if (value instanceof List<?> list) {
            return new Items(all(list.toArray()));
        }
        return new Literal(literal(value));
    }

    private static String literal(Object value) {
        if (value instanceof Integer || value instanceof Long || value instanceof Double) {
            return value.toString();
        }
        if (value instanceof Boolean flag) {
            return flag ? "True" : "False";
        }
        if (value instanceof String text) {
            return '"' + text + '"';
        }
        if (value instanceof DType dtype) {
            return Integer.toString(dtype.code());
        }
        if (value instanceof int[] numbers) {
            return Arrays.toString(numbers);
        }
        if (value instanceof long[] numbers) {
            return Arrays.toString(numbers);
        }
        if (value instanceof float[] numbers) {
            return Arrays.toString(numbers);
        }
        throw new IllegalArgumentException(value.getClass() + " cannot be an argument of an operation");
    }
}
