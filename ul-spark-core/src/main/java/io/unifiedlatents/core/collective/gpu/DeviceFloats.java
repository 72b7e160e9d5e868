package io.unifiedlatents.core.collective.gpu;

import com.sun.jna.Pointer;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.collective.Floats;
import io.unifiedlatents.core.config.Check;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A float32 vector in the memory of a GPU. A view: the tensor it belongs to must stay open, contiguous and where it is.
 * Copies to and from the host follow what libtorch has queued.
 *
 * @param gpu that has the memory
 * @param address of the first float there
 * @param size number of floats
 */
public record DeviceFloats(Gpu gpu, long address, long size) implements Floats {
    public DeviceFloats {
        Check.argument(size >= 0, "size=%s must not be negative", size);
        Check.argument(address != 0 || size == 0, "%s floats on %s have no address", size, gpu);
    }

    @Override
    public DeviceFloats range(long begin, long end) {
        Check.argument(0 <= begin && begin <= end && end <= size, "range [%s, %s) outside size=%s", begin, end, size);
        return new DeviceFloats(gpu, address + begin * Float.BYTES, end - begin);
    }

    @Override
    public void set(FloatVector source, long begin) throws IOException {
        DeviceFloats target = range(begin, begin + source.size());
        gpu.select();
        for (long at = 0; at < source.size(); ) {
            ByteBuffer bytes = source.bytes(at, Integer.MAX_VALUE);
            gpu.check(gpu.cuda().cudaMemcpy(target.pointer(at), bytes, bytes.remaining(), CudaLibrary.HOST_TO_DEVICE));
            at += bytes.remaining() / Float.BYTES;
        }
    }

    @Override
    public void copyTo(FloatVector target) throws IOException {
        Check.argument(target.size() == size, "cannot copy %s floats into %s", size, target.size());
        gpu.select();
        for (long at = 0; at < size; ) {
            ByteBuffer bytes = target.bytes(at, Integer.MAX_VALUE);
            gpu.check(gpu.cuda().cudaMemcpy(bytes, pointer(at), bytes.remaining(), CudaLibrary.DEVICE_TO_HOST));
            at += bytes.remaining() / Float.BYTES;
        }
    }

    /** The address of float {@code index}. */
    Pointer pointer(long index) {
        return new Pointer(address + index * Float.BYTES);
    }
}
