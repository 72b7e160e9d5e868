package io.unifiedlatents.core.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;

/**
 * The values of an input on the host, before they become a tensor.
 *
 * @param dtype UINT8, INT64 or FLOAT32
 * @param shape with the batch axis in front
 * @param values a buffer of bytes, longs or floats, as many as the shape says from its position on; read only
 */
public record HostTensor(DType dtype, long[] shape, Buffer values) {
    /** Numbers of type int64, one for each sample. */
    public static HostTensor ofLongs(long... values) {
        return new HostTensor(DType.INT64, new long[] {values.length}, LongBuffer.wrap(values));
    }

    /** Numbers of type float32. */
    public static HostTensor ofFloats(float[] values, long... shape) {
        return new HostTensor(DType.FLOAT32, shape, FloatBuffer.wrap(values));
    }

    /** The tensor, owned by {@code manager} and on its device. */
    public NDArray on(NDManager manager) {
        // duplicates: DJL moves the position of a buffer that it reads, and callers fill theirs again
        ai.djl.ndarray.types.Shape extents = new ai.djl.ndarray.types.Shape(shape);
        return switch (dtype) {
            case UINT8 -> manager.create(((ByteBuffer) values).duplicate(), extents, DataType.UINT8);
            case INT64 -> manager.create(((LongBuffer) values).duplicate(), extents, DataType.INT64);
            case FLOAT32 -> manager.create(((FloatBuffer) values).duplicate(), extents, DataType.FLOAT32);
            default -> throw new IllegalArgumentException("an input cannot be of type " + dtype);
        };
    }
}
