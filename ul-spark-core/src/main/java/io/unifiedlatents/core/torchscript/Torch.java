package io.unifiedlatents.core.torchscript;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.collective.Floats;
import io.unifiedlatents.core.collective.gpu.Gpu;
import io.unifiedlatents.core.config.Check;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** The libtorch of this process, started once with the settings that it reads when it loads. */
public final class Torch {
    static final String ENGINE = "PyTorch";
    private static final Map<Integer, Gpu> GPUS = new HashMap<>();
    private static boolean started;

    private Torch() {}

    /**
     * Fixes how many threads an operation may use on the CPU; call before anything else touches libtorch, later calls
     * change nothing.
     *
     * @param threads at least 1; 0 leaves libtorch's own default (all cores)
     */
    public static synchronized void start(int threads) {
        if (started) {
            return;
        }
        Check.setting(threads >= 0, "compute.threads is %d; it must be 0 (all cores) or more", threads);
        if (threads > 0) {
            System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
        }
        // per thread in libtorch; with it on, backward on a second thread fails, and steps are slower
        System.setProperty("ai.djl.pytorch.graph_optimizer", "false");
        System.setProperty("ai.djl.offline", "true"); // natives come from the class path, nothing is reported anywhere
        Engine.getEngine(ENGINE);
        started = true;
    }

    /** Starts with libtorch's own choice of threads, unless started before. */
    public static void start() {
        start(0);
    }

    /**
     * Computes with one CPU thread in linear algebra, whatever {@link #start(int)} says: decompositions have the same
     * last digits then, and do not wait for threads that a busy machine runs late, which can take ten times as long.
     * Other threads of the process keep their setting. Where libtorch is built without MKL, as on ARM, nothing changes.
     */
    public static <T> T onOneThread(Supplier<T> computation) {
        start();
        Function setThreads;
        try {
            setThreads = library().getFunction("MKL_Set_Num_Threads_Local");
        } catch (UnsatisfiedLinkError e) {
            return computation.get();
        }
        int before = setThreads.invokeInt(new Object[] {1}); // 0: that of the process
        try {
            return computation.get();
        } finally {
            setThreads.invokeInt(new Object[] {before});
        }
    }

    /**
     * Name and version of libtorch, such as {@code PyTorch 2.7.1}. Only libtorch itself knows it, so this starts it.
     *
     * @param threads see {@link #start(int)}: in local mode, ranks compute in the process that asks
     */
    public static String version(int threads) {
        start(threads);
        return ENGINE + " " + Engine.getEngine(ENGINE).getVersion();
    }

    /** A manager for tensors on a device; the caller closes it and with it everything it owns. */
    public static NDManager newManager(Device device) {
        start();
        return NDManager.newBaseManager(device, ENGINE);
    }

    /**
     * The memory of a CPU tensor, without a copy: writes change the tensor. Valid while the tensor is open.
     *
     * @param tensor contiguous float32 of at most 2 GiB
     * @throws io.unifiedlatents.core.config.ConfigException for a tensor on a GPU, of which DJL would give a copy
     */
    public static ByteBuffer bytes(NDArray tensor) {
        Check.setting(
                !tensor.getDevice().isGpu(),
                "a tensor on %s has no memory that this process can address; set compute.device=cpu",
                tensor.getDevice());
        return tensor.toByteBuffer(true).order(ByteOrder.nativeOrder());
    }

    /** As {@link #bytes}, seen as numbers. */
    public static FloatBuffer floats(NDArray tensor) {
        return bytes(tensor).asFloatBuffer();
    }

    /**
     * The memory of a tensor where it lies, without a copy. Valid while the tensor is open.
     *
     * @param tensor contiguous float32, on the CPU of at most 2 GiB
     */
    public static Floats memory(NDArray tensor) {
        return tensor.getDevice().isGpu()
                ? gpu(tensor.getDevice()).floats(address(tensor), tensor.size())
                : FloatVector.of(bytes(tensor));
    }

    /**
     * A GPU as CUDA and NCCL know it.
     *
     * @throws io.unifiedlatents.core.config.ConfigException if this process has a libtorch for CPUs only
     */
    public static synchronized Gpu gpu(Device device) {
        start();
        return GPUS.computeIfAbsent(
                device.getDeviceId(), number -> Gpu.open(Path.of(LibUtils.getLibtorchPath()), number));
    }

    /** The address of a tensor's first element on its device. */
    static long address(NDArray tensor) {
        Pointer handle = new Pointer(((PtNDArray) tensor).getHandle());
        PointerByReference address = new PointerByReference();
        int code = library().getFunction("aoti_torch_get_data_ptr").invokeInt(new Object[] {handle, address});
        Check.argument(code == 0, "libtorch cannot tell the address of %s: error %s", tensor.getShape(), code);
        return Pointer.nativeValue(address.getValue());
    }

    static NativeLibrary library() {
        return NativeLibrary.getInstance(
                Path.of(LibUtils.getLibtorchPath(), "libtorch_cpu.so").toString());
    }
}
