package io.unifiedlatents.core.spark.doctor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.ComputeConfig;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.spark.cluster.Devices;
import io.unifiedlatents.core.spark.cluster.TaskResources;
import io.unifiedlatents.core.spark.doctor.Finding.Status;
import io.unifiedlatents.core.torchscript.Archive;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Functions;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Program;
import io.unifiedlatents.core.torchscript.Torch;
import io.unifiedlatents.core.torchscript.Value;
import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;

/** The checks of every slot: that libtorch works there, and that its clock agrees with the driver's. */
final class SlotProbe {
    private static final double MOST_SKEW_SECONDS = 2;
    private static final int WIDTH = 16;

    private SlotProbe() {}

    /** Starts libtorch on each slot and multiplies two matrices. */
    static Finding libtorch(JavaSparkContext spark, RunConfig config, int slots) {
        String yaml = ConfigLoader.yaml(config);
        List<Started> all = spark.parallelize(Collections.nCopies(slots, 0), slots)
                .withResources(TaskResources.ofNetworks(spark, config.compute()))
                .map(ignored -> multiply(yaml))
                .collect();
        String found = all.stream().map(Started::line).collect(Collectors.joining("; "));
        boolean emulated = all.stream().anyMatch(Started::emulated);
        return Finding.passIf(
                !emulated,
                emulated ? found + "; bf16 is emulated, a hundred times slower" : found,
                Status.WARN,
                "set compute.dtype=fp32");
    }

    /** Compares clocks: a task's must lie between the driver's before and after it. */
    static Finding clocks(JavaSparkContext spark, int slots) {
        long before = System.currentTimeMillis();
        List<Long> clocks = spark.parallelize(Collections.nCopies(slots, 0), slots)
                .map(ignored -> System.currentTimeMillis())
                .collect();
        long after = System.currentTimeMillis();
        long skew = clocks.stream()
                .mapToLong(clock -> Math.max(before - clock, clock - after))
                .max()
                .orElse(0);
        double seconds = Math.max(0, skew) / 1000.0;
        String found = String.format(
                "at least %.1f s apart, measured to %.1f s; the limit is %.0f s",
                seconds, (after - before) / 1000.0, MOST_SKEW_SECONDS);
        return Finding.passIf(
                seconds <= MOST_SKEW_SECONDS, found, Status.WARN, "synchronize the machines' clocks, as by NTP");
    }

    /**
     * A slot on which libtorch works.
     *
     * @param place host, executor and device
     * @param version of libtorch
     * @param seconds from the start to the product
     * @param emulated whether this CPU only emulates the dtype
     */
    private record Started(String place, String version, double seconds, boolean emulated) implements Serializable {
        String line() {
            return String.format("libtorch %s on %s in %.1f s", version, place, seconds);
        }
    }

    /** Multiplies two matrices of ones in the compute dtype, in a task. */
    private static Started multiply(String configYaml) {
        long start = System.nanoTime();
        ComputeConfig compute = ConfigLoader.parse(configYaml).compute();
        Device device = Devices.ofTask(compute);
        try (Program program = Program.load(script(DType.of(compute.dtype())), device);
                NDManager manager = Torch.newManager(device)) {
            NDArray ones = manager.ones(new Shape(WIDTH, WIDTH));
            NDArray zeros = manager.zeros(new Shape(WIDTH));
            float[] product = program.call("forward", manager, ones, zeros)
                    .singletonOrThrow()
                    .toFloatArray();
            for (float value : product) {
                if (value != WIDTH) {
                    throw new IllegalStateException("a row of %d ones times itself is %s in %s on %s"
                            .formatted(WIDTH, value, compute.dtype(), device));
                }
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            String place = SparkEnv.get().blockManager().blockManagerId().host() + ", executor "
                    + SparkEnv.get().executorId() + ", " + Devices.name(TaskContext.get());
            boolean emulated = !device.isGpu() && Devices.emulates(compute);
            return new Started(place, manager.getEngine().getVersion(), seconds, emulated);
        }
    }

    private static Archive script(DType dtype) {
        Graph graph = new Graph("forward", new ParameterLayout(), dtype);
        Value ones = graph.input("ones", DType.FLOAT32, WIDTH, WIDTH).to(dtype);
        Value zeros = graph.input("zeros", DType.FLOAT32, WIDTH).to(dtype);
        graph.output(Functions.linear(graph.scope("doctor"), ones, ones, zeros).to(DType.FLOAT32));
        return Archive.of(graph);
    }
}
