package io.unifiedlatents.core.torchscript;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.unifiedlatents.core.config.Check;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** The libtorch of this process: started once, with the settings that must stand before it loads. */
public final class Torch {
    static final String ENGINE = "PyTorch";
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
                "a tensor on %s has no memory that this process can address, so training cannot share it between"
                        + " ranks yet; set compute.device=cpu",
                tensor.getDevice());
        return tensor.toByteBuffer(true).order(ByteOrder.nativeOrder());
    }

    /** As {@link #bytes}, seen as numbers. */
    public static FloatBuffer floats(NDArray tensor) {
        return bytes(tensor).asFloatBuffer();
    }
}
