package io.unifiedlatents.core.collective.gpu;

import com.sun.jna.Library;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The part of the CUDA runtime's C API that is used here; int results are {@code cudaError_t}. */
interface CudaLibrary extends Library {
    /** {@code cudaSuccess}. */
    int SUCCESS = 0;

    /** {@code cudaErrorNotReady}: work is still under way. */
    int NOT_READY = 600;

    /** {@code cudaStreamNonBlocking}: neither waits for the default stream nor holds it up. */
    int STREAM_NON_BLOCKING = 1;

    /** {@code cudaEventDisableTiming}. */
    int EVENT_DISABLE_TIMING = 2;

    /** {@code cudaMemcpyHostToDevice}. */
    int HOST_TO_DEVICE = 1;

    /** {@code cudaMemcpyDeviceToHost}. */
    int DEVICE_TO_HOST = 2;

    int cudaSetDevice(int device);

    int cudaMemcpy(Pointer target, ByteBuffer source, long bytes, int kind);

    int cudaMemcpy(ByteBuffer target, Pointer source, long bytes, int kind);

    int cudaStreamCreateWithFlags(PointerByReference stream, int flags);

    int cudaStreamQuery(Pointer stream);

    int cudaStreamWaitEvent(Pointer stream, Pointer event, int flags);

    int cudaStreamDestroy(Pointer stream);

    int cudaEventCreateWithFlags(PointerByReference event, int flags);

    /** A null stream is the default stream of this thread's device. */
    int cudaEventRecord(Pointer event, @Nullable Pointer stream);

    int cudaEventDestroy(Pointer event);

    String cudaGetErrorString(int error);
}
