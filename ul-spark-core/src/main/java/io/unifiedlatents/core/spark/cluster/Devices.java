package io.unifiedlatents.core.spark.cluster;

import ai.djl.Device;
import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.gpu.NcclCollective;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ClusterConfig;
import io.unifiedlatents.core.config.ComputeConfig;
import io.unifiedlatents.core.config.DeviceKind;
import io.unifiedlatents.core.config.Precision;
import io.unifiedlatents.core.torchscript.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The device of a Spark task. */
public final class Devices {
    private static final Logger LOG = LoggerFactory.getLogger(Devices.class);

    private Devices() {}

    /** The GPU Spark gave this task where config and cluster agree on one, else the CPU; starts libtorch. */
    public static Device ofTask(ComputeConfig config) {
        Torch.start(config.threads());
        Device device = choice(config, TaskContext.get());
        if (!device.isGpu()) {
            warnOfEmulation(config);
        }
        return device;
    }

    /** The same without starting libtorch: CUDA's index of a GPU is the address Spark gave the task. */
    static Device choice(ComputeConfig config, TaskContext context) {
        String gpu = address(context);
        Check.setting(
                config.device() != DeviceKind.GPU || gpu != null,
                "compute.device is gpu, but Spark gave this task none; set spark.executor.resource.gpu.amount=1, and on"
                        + " standalone workers spark.worker.resource.gpu.amount and its discoveryScript; or"
                        + " compute.device=cpu");
        if (config.device() == DeviceKind.CPU || gpu == null) {
            return Device.cpu();
        }
        Check.setting(
                gpu.matches("\\d{1,4}"),
                "Spark gave this task the GPU '%s'; an address must be the index of a CUDA device, as 0 or 1: correct"
                        + " the discoveryScript of spark.worker.resource.gpu or spark.executor.resource.gpu",
                gpu);
        return Device.gpu(Integer.parseInt(gpu));
    }

    /**
     * Returns the collective for the memory that the ranks compute in: the ring itself on CPUs, NCCL between GPUs.
     *
     * @param ring connects the ranks; owned by the result
     */
    public static Collective connect(Collective ring, Device device, ClusterConfig cluster) throws IOException {
        int ranks = ring.worldSize();
        int gpus = (int) ring.allReduce(device.isGpu() ? 1 : 0)[0];
        Check.setting(
                gpus == 0 || gpus == ranks,
                "Spark gave a GPU to %d of %d ranks; give one to all by spark.task.resource.gpu.amount=1, or set"
                        + " compute.device=cpu",
                gpus,
                ranks);
        if (gpus == 0 || ranks == 1) {
            return ring;
        }
        Check.setting(
                cluster.gradientWire() == Precision.FP32,
                "cluster.gradientWire is %s, which GPUs do not offer; set it to fp32",
                cluster.gradientWire());
        return NcclCollective.connect(ring, Torch.gpu(device), Duration.ofSeconds(cluster.peerTimeoutSeconds()));
    }

    /** The name of a task's device in messages. */
    public static String name(TaskContext context) {
        String gpu = address(context);
        return gpu == null ? "cpu" : "gpu " + gpu;
    }

    /** The address of the first GPU of a task, as its discovery script printed it. */
    private static @Nullable String address(TaskContext context) {
        ResourceInformation gpu = context.resourcesJMap().get("gpu");
        return gpu == null || gpu.addresses().length == 0 ? null : gpu.addresses()[0];
    }

    /** Whether this machine's CPU lacks instructions for the compute dtype; false where it cannot be known. */
    public static boolean emulates(ComputeConfig config) {
        try {
            String cpu = Files.readString(Path.of("/proc/cpuinfo"));
            return config.dtype() == Precision.BF16 && !cpu.contains("avx512_bf16") && !cpu.contains("amx_bf16");
        } catch (IOException e) {
            LOG.debug("cannot read the CPU's features", e);
            return false;
        }
    }

    private static void warnOfEmulation(ComputeConfig config) {
        if (emulates(config)) {
            LOG.warn("compute.dtype is bf16, which this CPU only emulates, a hundred times slower; set"
                    + " compute.dtype=fp32");
        }
    }
}
