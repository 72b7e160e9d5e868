package io.unifiedlatents.core.collective.gpu;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ConfigException;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One GPU of this process, with the CUDA runtime that the loaded libtorch uses and the NCCL that its
 * {@code libtorch_cuda.so} contains and exports.
 */
public final class Gpu {
    private static final String TORCH = "libtorch_cuda.so";
    private static final String RUNTIME = "libcudart*.so*";

    private final int number;
    private final CudaLibrary cuda;
    private final NcclLibrary nccl;

    private Gpu(int number, CudaLibrary cuda, NcclLibrary nccl) {
        this.number = number;
        this.cuda = cuda;
        this.nccl = nccl;
    }

    /**
     * Finds the libraries; call it after libtorch has started, so that these are the ones it uses.
     *
     * @param directory where libtorch lies
     * @param number of the GPU, as the CUDA runtime of this process counts
     * @throws ConfigException if there is no CUDA libtorch, or one that cannot be loaded or lacks a function
     */
    public static Gpu open(Path directory, int number) {
        Check.argument(number >= 0, "GPU number=%s must not be negative", number);
        Path torch = directory.resolve(TORCH);
        Check.setting(
                Files.isRegularFile(torch),
                "%s has no %s, so its libtorch is one for CPUs; build and submit with the profile -Pcu124,"
                        + " or set compute.device=cpu",
                directory,
                TORCH);
        Path runtime = runtime(directory);
        try {
            return new Gpu(number, bind(runtime, CudaLibrary.class), bind(torch, NcclLibrary.class));
        } catch (UnsatisfiedLinkError e) {
            throw new ConfigException("cannot load " + runtime.getFileName() + " and " + TORCH + " of " + directory
                    + ": " + e.getMessage() + "; start libtorch first, and check that the node has an NVIDIA driver");
        }
    }

    /** All functions now: JNA alone would find out at the first call of each. */
    private static <T extends Library> T bind(Path file, Class<T> api) {
        NativeLibrary library = NativeLibrary.getInstance(file.toString());
        for (Method function : api.getMethods()) {
            library.getFunction(function.getName());
        }
        return Native.load(file.toString(), api);
    }

    private static Path runtime(Path directory) {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, RUNTIME)) {
            for (Path file : found) {
                return file;
            }
        } catch (IOException e) {
            throw new ConfigException("cannot list " + directory + ": " + e);
        }
        throw new ConfigException(directory + " has " + TORCH + " but no " + RUNTIME + " beside it, which must be the"
                + " one libtorch was built with; delete the directory, so that it is unpacked again");
    }

    /** Its number, as the CUDA runtime of this process counts. */
    public int number() {
        return number;
    }

    /**
     * A vector in its memory.
     *
     * @param address of contiguous float32 there
     * @param size number of floats
     */
    public DeviceFloats floats(long address, long size) {
        return new DeviceFloats(this, address, size);
    }

    /** Makes it the one that CUDA calls of this thread mean. */
    void select() throws IOException {
        check(cuda.cudaSetDevice(number));
    }

    void check(int cudaError) throws IOException {
        if (cudaError != CudaLibrary.SUCCESS) {
            throw new IOException(this + ": CUDA error " + cudaError + ", " + cuda.cudaGetErrorString(cudaError)
                    + "; check that the executor has this GPU and that nothing else fills its memory");
        }
    }

    CudaLibrary cuda() {
        return cuda;
    }

    NcclLibrary nccl() {
        return nccl;
    }

    @Override
    public String toString() {
        return "GPU " + number;
    }
}
