package io.unifiedlatents.tests.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.sample.ModelExport;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Torch;
import io.unifiedlatents.core.train.LatentsObjective;
import io.unifiedlatents.core.train.Objective;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Images per second of our stage-1 training step (forward, loss, backward; no optimizer, no data) beside the same step
 * in eager PyTorch, preset {@code cifar10}, micro-batch 32, two threads. First both must compute the same thing; speed
 * is printed and never asserted. The two bring their own libtorch, so the ratio is that of two installations, not of
 * TorchScript against eager alone: the table names both. On Debian, eager PyTorch is {@code python3-torch} and
 * {@code libopenblas0-pthread}; with the reference BLAS alone its float32 steps are ten times slower. Run with
 *
 * <pre>
 * mvn -pl tests -am test -Dtest.excluded= -Dtest=TrainStepBenchmark \
 *     -Dsurefire.failIfNoSpecifiedTests=false
 * </pre>
 */
@Tag("benchmark")
class TrainStepBenchmark {
    private static final int BATCH = 32;
    private static final int THREADS = 2;
    private static final int STEPS = 4;
    private static final int REPETITIONS = 7;

    private final List<Variant> variants = new ArrayList<>();

    /** One row of the table: what takes {@code seconds} for so many steps, and the images per second found. */
    private record Variant(String name, IntToDoubleFunction seconds, List<Double> imagesPerSecond) {
        Variant(String name, IntToDoubleFunction seconds) {
            this(name, seconds, new ArrayList<>());
        }

        /** Steps in a row, as in training; one before them takes caches and threads back from the variant before. */
        void measure() {
            double one = seconds.applyAsDouble(1);
            double all = seconds.applyAsDouble(STEPS);
            assertThat(one).isPositive();
            imagesPerSecond.add(STEPS * BATCH / all);
            Collections.sort(imagesPerSecond);
        }

        double median() {
            return imagesPerSecond.get(imagesPerSecond.size() / 2);
        }
    }

    @Test
    void sameStepInTorchScriptAndInEagerPyTorch(@TempDir Path directory) throws Exception {
        Torch.start(THREADS);
        String cpu = Files.readString(Path.of("/proc/cpuinfo"));
        boolean bf16 = cpu.contains("avx512_bf16") || cpu.contains("amx_bf16");
        List<OurStep> ours = new ArrayList<>();
        Model first = new Model("layer", DType.FLOAT32);
        StepInputs inputs = new StepInputs(first.objective, first.config.networks(), BATCH);
        inputs.write(directory, first.config, first.model, first.objective.layout());
        try (EagerStep eager = new EagerStep(directory, THREADS)) {
            System.out.printf(
                    "%nStage-1 step of preset cifar10, %,d parameters, micro-batch %d, %d threads%n  %s%n"
                            + "  ours: libtorch %s by DJL; eager: PyTorch %s%n",
                    first.objective.layout().size(),
                    BATCH,
                    THREADS,
                    cpu.replaceAll("(?s).*?model name\\s*:\\s*([^\n]*).*", "$1"),
                    ai.djl.engine.Engine.getEngine("PyTorch").getVersion(),
                    eager.version());
            System.out.println(
                    bf16
                            ? "  bf16: measured"
                            : "  bf16: skipped, this CPU has neither avx512_bf16 nor amx_bf16 and would emulate it");
            for (String norm : List.of("layer", "group")) {
                Model model = new Model(norm, DType.FLOAT32);
                OurStep step = new OurStep(model.objective, inputs);
                ours.add(step);
                assertSameComputation(model, step, inputs, eager);
                variants.add(new Variant(norm + " ours fp32", step::seconds));
                variants.add(new Variant(
                        norm + " eager fp32 contiguous", n -> eager.seconds(norm, "contiguous", "fp32", n)));
                variants.add(new Variant(
                        norm + " eager fp32 channels-last", n -> eager.seconds(norm, "channels_last", "fp32", n)));
                if (bf16) {
                    OurStep narrow = new OurStep(new Model(norm, DType.BFLOAT16).objective, inputs);
                    ours.add(narrow);
                    variants.add(new Variant(norm + " ours bf16", narrow::seconds));
                    variants.add(new Variant(
                            norm + " eager bf16 contiguous", n -> eager.seconds(norm, "contiguous", "bf16", n)));
                    variants.add(new Variant(
                            norm + " eager bf16 channels-last", n -> eager.seconds(norm, "channels_last", "bf16", n)));
                }
            }
            System.out.printf("  load average of the machine before: %.1f%n", load());
            measure();
            System.out.printf("  and after: %.1f; above %d the figures say little%n", load(), THREADS);
            print("layer");
            print("group");
        } finally {
            ours.forEach(OurStep::close);
        }
    }

    private static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    /** The networks of the preset with another norm and dtype. */
    private static final class Model {
        final RunConfig config;
        final UnifiedLatents model;
        final Objective objective;

        Model(String norm, DType compute) {
            this.config = ConfigLoader.load("cifar10", "", List.of("compute.norm=" + norm));
            this.model = UnifiedLatents.of(config.networks(), config.objective(), config.compute());
            this.objective = LatentsObjective.of(model, config.objective(), compute, config.seed());
        }
    }

    private static void assertSameComputation(Model model, OurStep step, StepInputs inputs, EagerStep eager)
            throws IOException {
        assertThat(eager.check(model.config.compute().norm().toString()))
                .as("parameters")
                .isEqualTo(model.objective.layout().size());
        ModelExport export = new ModelExport(model.model, DType.FLOAT32);
        for (var network : OurStep.networks(export, model.objective, inputs).entrySet()) {
            assertClose(network.getKey(), network.getValue(), eager.result(network.getKey()));
        }

        float[] terms = step.run();
        float[] expected = eager.result("terms");
        assertThat(terms).hasSameSizeAs(expected);
        for (int i = 0; i < terms.length; i++) {
            // sums of 3,072 rounded squares
            assertThat(terms[i] / expected[i]).as("term %d", i).isCloseTo(1f, within(1e-3f));
        }
        // ‖g − g'‖ / ‖g‖: every parameter's gradient, sums over 32 pictures and up to 1,024 positions
        assertThat(distance(step.gradient(), eager.result("gradient")))
                .as("gradient")
                .isLessThan(1e-3);
        System.out.printf(
                "  norm %s: same step, gradient apart by %.1e of its norm%n",
                model.config.compute().norm(), distance(step.gradient(), eager.result("gradient")));
    }

    /** Numbers of size 1 behind some 30 layers, each layer rounded to 24 bits by two libraries. */
    private static void assertClose(String what, float[] actual, float[] expected) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        double largest = 0;
        double power = 0;
        for (int i = 0; i < actual.length; i++) {
            largest = Math.max(largest, Math.abs((double) actual[i] - expected[i]));
            power += (double) expected[i] * expected[i] / expected.length;
        }
        System.out.printf("  %s: apart by %.1e at most, size %.2f%n", what, largest, Math.sqrt(power));
        assertThat(largest).as(what).isLessThan(1e-4);
        assertThat(Math.sqrt(power)).as("%s: size of its numbers", what).isBetween(0.1, 10.0);
    }

    private static double distance(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double difference = 0;
        double power = 0;
        for (int i = 0; i < actual.length; i++) {
            difference += Math.pow((double) actual[i] - expected[i], 2);
            power += Math.pow(expected[i], 2);
        }
        return Math.sqrt(difference / power);
    }

    /** All variants in turn, again and again, so that a busy minute of the machine meets all of them. */
    private void measure() {
        variants.forEach(Variant::measure);
        variants.forEach(variant -> variant.imagesPerSecond().clear()); // that was to warm up
        for (int repetition = 0; repetition < REPETITIONS; repetition++) {
            variants.forEach(Variant::measure);
        }
    }

    private void print(String norm) {
        List<Variant> rows =
                variants.stream().filter(row -> row.name().startsWith(norm)).toList();
        double plain = best(rows, "eager fp32 contiguous");
        double best = best(rows, "eager");
        System.out.printf(
                "%n%-32s %8s %17s %12s %13s%n", "norm, step", "img/s", "least to most", "/ eager fp32", "/ eager best");
        for (Variant row : rows) {
            System.out.printf(
                    "%-32s %8.1f %8.1f to %5.1f %12.2f %13.2f%n",
                    row.name(),
                    row.median(),
                    row.imagesPerSecond().get(0),
                    row.imagesPerSecond().get(REPETITIONS - 1),
                    row.median() / plain,
                    row.median() / best);
        }
    }

    private static double best(List<Variant> rows, String kind) {
        return rows.stream()
                .filter(row -> row.name().contains(kind))
                .mapToDouble(Variant::median)
                .max()
                .orElseThrow();
    }
}
