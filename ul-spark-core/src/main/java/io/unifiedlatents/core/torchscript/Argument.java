package io.unifiedlatents.core.torchscript;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** An argument of an operation: a variable of the script, or an expression that is written where it is used. */
sealed interface Argument {
    /** The value of an argument that is not given. */
    static Argument none() {
        return new Expression("None", List.of(), "");
    }

    /** A variable of the script. Each is one object: two of the same path are different variables. */
    sealed interface Symbol extends Argument permits Value, Handle {
        /** Dotted path of the layer that the variable belongs to; the variable in the script is named after it. */
        String path();
    }

    /** A constant, or text around other arguments: a list, an argument passed by its name, a call of a function. */
    record Expression(String before, List<Argument> parts, String after) implements Argument {}

    /** All values inside this argument. */
    default Stream<Value> values() {
        return this instanceof Expression expression
                ? expression.parts().stream().flatMap(Argument::values)
                : Stream.of(this).filter(Value.class::isInstance).map(Value.class::cast);
    }

    /** An argument passed by its name. */
    static Argument keyword(String name, Object value) {
        return new Expression(name + "=", all(value), "");
    }

    /** A call of a function in place: the device or an extent of a tensor, a conversion. */
    static Argument call(String function, Object... arguments) {
        return new Expression(function + "(", all(arguments), ")");
    }

    /** The device of a tensor, as the argument {@code device}. */
    static Argument device(Value x) {
        return keyword("device", call("ops.prim.device", x));
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
            return new Expression("[", all(list.toArray()), "]");
        }
        return new Expression(constant(value), List.of(), "");
    }

    private static String constant(Object value) {
        if (value instanceof Number) {
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
