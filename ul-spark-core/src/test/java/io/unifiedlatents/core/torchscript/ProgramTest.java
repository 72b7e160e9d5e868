package io.unifiedlatents.core.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.unifiedlatents.core.nn.Layers;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramTest {
    private static final int WIDTH = 256;

    /** loss = Σ (x Wᵀ + b)² / 2 over two linear layers, and its gradient. */
    private static Archive training(ParameterLayout layout) {
        Graph graph = new Graph("step", layout, DType.FLOAT32);
        graph.parametersFromArgument("parameters");
        Value x = graph.input("x", DType.FLOAT32, -1, WIDTH);
        Value h = Layers.linear(graph.scope("net").at("a"), x, WIDTH).silu();
        Value y = Layers.linear(graph.scope("net").at("b"), h, 4);
        Value loss = y.square().sum().mul(0.5);
        graph.output(loss.detach(), GradientCheck.gradient(graph, layout, loss));
        return Archive.of(graph);
    }

    @Test
    void severalThreadsGetTheResultsOfOne() throws Exception {
        ParameterLayout layout = new ParameterLayout();
        try (Program program = Program.load(training(layout), Device.cpu())) {
            ExecutorService threads = Executors.newFixedThreadPool(4);
            try {
                List<Future<float[]>> results = new ArrayList<>();
                for (int i = 0; i < 16; i++) {
                    results.add(threads.submit(() -> step(program, layout)));
                }
                float[] alone = step(program, layout);
                for (Future<float[]> result : results) {
                    assertThat(result.get()).containsExactly(alone);
                }
            } finally {
                threads.shutdown();
            }
        }
    }

    private static float[] step(Program program, ParameterLayout layout) {
        try (NDManager manager = Torch.newManager(Device.cpu())) {
            return call(program, layout, manager).get(1).toFloatArray();
        }
    }

    private static float loss(Program program, ParameterLayout layout) {
        try (NDManager manager = Torch.newManager(Device.cpu())) {
            return call(program, layout, manager).get(0).getFloat();
        }
    }

    private static NDList call(Program program, ParameterLayout layout, NDManager manager) {
        NDArray parameters = manager.zeros(new ai.djl.ndarray.types.Shape(layout.size()));
        layout.initialize(Torch.floats(parameters), 3);
        NDArray x = manager.ones(new ai.djl.ndarray.types.Shape(4, WIDTH));
        return program.call("step", manager, parameters, x);
    }

    @Test
    void twoThousandCallsKeepResidentMemoryFlat() throws IOException {
        ParameterLayout layout = new ParameterLayout();
        try (Program program = Program.load(training(layout), Device.cpu())) {
            for (int i = 0; i < 500; i++) {
                loss(program, layout);
            }
            long before = residentBytes();
            for (int i = 0; i < 2000; i++) {
                loss(program, layout);
            }
            // a leaked gradient is 267 kB: 2,000 would be 530 MB; the Java heap may still grow a little
            assertThat(residentBytes() - before).isLessThan(32L << 20);
        }
    }

    private static long residentBytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        assumeTrue(Files.exists(status), "resident memory is read from /proc");
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .sum();
    }

    @Test
    void exportedWeightsTravelWithTheMethods() {
        Graph graph = new Graph("forward", new ParameterLayout(), DType.FLOAT32);
        Value x = graph.input("x", DType.FLOAT32, -1, 2);
        graph.output(Layers.linear(graph.scope("net"), x, 1));
        byte[] archive = Archive.withWeights(FloatBuffer.wrap(new float[] {2, 3, 5}), graph)
                .bytes();
        assertThat(archive)
                .as("the same model gives the same bytes")
                .isEqualTo(Archive.withWeights(FloatBuffer.wrap(new float[] {2, 3, 5}), graph)
                        .bytes());
        try (Program program = Program.load(new ByteArrayInputStream(archive), Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray rows = manager.create(new float[] {1, 1, 10, 1}, new ai.djl.ndarray.types.Shape(2, 2));
            assertThat(program.call("forward", manager, rows).singletonOrThrow().toFloatArray())
                    .containsExactly(10, 28);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theSystemPythonReadsAnArchive(@TempDir Path directory) throws Exception {
        Path python = Path.of("/usr/bin/python3");
        assumeTrue(Files.isExecutable(python), "no /usr/bin/python3");
        assumeTrue(
                exitCode(python.toString(), "-c", "import torch") == 0,
                "the system Python has no torch (Debian: python3-torch)");
        Graph graph = new Graph("forward", new ParameterLayout(), DType.FLOAT32);
        Value x = graph.input("x", DType.FLOAT32, -1, 3, 8, 8);
        Value y = Layers.conv(graph.scope("net"), x, 2, 3).silu();
        graph.output(y);
        FloatBuffer weights = FloatBuffer.allocate(2 * 9 * 3 + 2);
        for (int i = 0; i < weights.capacity(); i++) {
            weights.put(i, (i % 7 - 3) * 0.1f);
        }
        Archive archive = Archive.withWeights(weights, graph);
        Path file = directory.resolve("model.pt");
        Files.write(file, archive.bytes());
        Process process = new ProcessBuilder(python.toString(), "-c", """
                        import torch, sys
                        y = torch.jit.load(sys.argv[1])(torch.ones(5, 3, 8, 8))
                        print(tuple(y.shape), '%.7f' % y.double().sum().item())
                        """, file.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        try (Program program = Program.load(archive, Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray ones = manager.ones(new ai.djl.ndarray.types.Shape(5, 3, 8, 8));
            double sum = 0;
            for (float value :
                    program.call("forward", manager, ones).singletonOrThrow().toFloatArray()) {
                sum += value;
            }
            assertThat(output).startsWith("(5, 2, 8, 8) ");
            // 640 numbers below 2, each rounded to 24 bits by two libraries
            assertThat(Double.parseDouble(output.strip().substring(output.indexOf(')') + 2)))
                    .isCloseTo(sum, within(1e-4));
        }
    }

    private static int exitCode(String... command) throws Exception {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    @Test
    void refusesWhatIsNoArchive() {
        assertThatThrownBy(() -> Program.load(
                        new ByteArrayInputStream("no zip".getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                        Device.cpu()))
                .isInstanceOfAny(IOException.class, RuntimeException.class);
    }
}
