package io.unifiedlatents.core.collective.gpu;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.io.IOException;

/** A CUDA stream of our own, which can be made to wait for what libtorch computes. */
final class CudaStream implements AutoCloseable {
    private final Gpu gpu;
    private final Pointer stream;
    private final Pointer computed;

    private CudaStream(Gpu gpu, Pointer stream, Pointer computed) {
        this.gpu = gpu;
        this.stream = stream;
        this.computed = computed;
    }

    static CudaStream open(Gpu gpu) throws IOException {
        PointerByReference stream = new PointerByReference();
        PointerByReference event = new PointerByReference();
        gpu.select();
        gpu.check(gpu.cuda().cudaStreamCreateWithFlags(stream, CudaLibrary.STREAM_NON_BLOCKING));
        int code = gpu.cuda().cudaEventCreateWithFlags(event, CudaLibrary.EVENT_DISABLE_TIMING);
        if (code != CudaLibrary.SUCCESS) {
            gpu.cuda().cudaStreamDestroy(stream.getValue());
            gpu.check(code);
        }
        return new CudaStream(gpu, stream.getValue(), event.getValue());
    }

    /** CUDA's handle. */
    Pointer handle() {
        return stream;
    }

    /**
     * What this thread queues here from now on starts after everything that any thread has had libtorch queue so far:
     * libtorch uses one stream for all threads, CUDA's default stream. Does not wait.
     */
    void followCompute() throws IOException {
        gpu.select();
        gpu.check(gpu.cuda().cudaEventRecord(computed, null));
        gpu.check(gpu.cuda().cudaStreamWaitEvent(stream, computed, 0));
    }

    /** Whether everything queued so far is done; does not wait. */
    boolean isDone() throws IOException {
        int state = gpu.cuda().cudaStreamQuery(stream);
        if (state == CudaLibrary.NOT_READY) {
            return false;
        }
        gpu.check(state);
        return true;
    }

    /** Gives the stream back, without waiting for what is queued. */
    @Override
    public void close() {
        gpu.cuda().cudaEventDestroy(computed);
        gpu.cuda().cudaStreamDestroy(stream);
    }
}
