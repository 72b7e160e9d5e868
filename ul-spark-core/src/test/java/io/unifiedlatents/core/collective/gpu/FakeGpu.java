package io.unifiedlatents.core.collective.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.collective.Ranks;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * GPUs of host memory: {@code fake-gpu.c}, compiled here. Tests that need it are skipped where there is no compiler.
 */
public final class FakeGpu {
    /** What a test can ask of the stand-in. */
    interface Control extends Library {
        /** Queues a store on a GPU's default stream; it is done when something that follows it runs. */
        void fakeCompute(int device, Pointer at, float value);

        /** Has the next call of NCCL, and the next look at a stream, return these codes. */
        void fakeFail(int nccl, int cuda);

        int fakeLive();

        long fakeLayout(int what);
    }

    private static final Queue<ByteBuffer> MEMORY = new ConcurrentLinkedQueue<>(); // what views on it must not outlive
    private static @Nullable Path directory;

    private FakeGpu() {}

    /** Where libtorch would lie: both libraries are one file, so that they know of each other. */
    static synchronized Path directory() throws Exception {
        if (directory == null) {
            Path made = Files.createTempDirectory("fake-gpu");
            Path source = made.resolve("fake-gpu.c");
            try (InputStream in = FakeGpu.class.getResourceAsStream("/fake-gpu.c")) {
                Files.copy(Objects.requireNonNull(in), source);
            }
            Path library = made.resolve("libtorch_cuda.so");
            compile(source, library);
            Files.createSymbolicLink(made.resolve("libcudart-fake.so.12"), library);
            directory = made;
        }
        return directory;
    }

    /** Makes a shared library; skips the test where there is no compiler. */
    static void compile(Path source, Path library) throws Exception {
        ProcessBuilder command =
                new ProcessBuilder("cc", "-shared", "-fPIC", "-O1", "-o", library.toString(), source.toString());
        Process compiler;
        try {
            compiler = command.redirectErrorStream(true).start();
        } catch (IOException e) {
            assumeTrue(false, "no C compiler: " + e.getMessage());
            return;
        }
        String said = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(compiler.waitFor()).as(said).isZero();
    }

    static Control control() throws Exception {
        return Native.load(directory().resolve("libtorch_cuda.so").toString(), Control.class);
    }

    public static Gpu open(int number) throws Exception {
        return Gpu.open(directory(), number);
    }

    /** A copy on a GPU. */
    public static DeviceFloats copy(Gpu gpu, FloatVector values) throws IOException {
        ByteBuffer memory = ByteBuffer.allocateDirect(Math.toIntExact(values.size() * Float.BYTES) + Float.BYTES);
        MEMORY.add(memory);
        DeviceFloats floats = gpu.floats(Pointer.nativeValue(Native.getDirectBufferPointer(memory)), values.size());
        floats.set(values, 0);
        return floats;
    }

    /** Ranks with a GPU each, numbered as they are, over a ring on loopback. */
    public static List<Collective> ranks(int worldSize, Duration timeout) throws Exception {
        return ranks(Ranks.ring(worldSize, timeout), timeout);
    }

    static List<Collective> ranks(List<Collective> ring, Duration timeout) throws Exception {
        List<Callable<Collective>> calls = new ArrayList<>();
        for (Collective control : ring) {
            Gpu gpu = open(control.rank());
            calls.add(() -> NcclCollective.connect(control, gpu, timeout));
        }
        return Ranks.all(calls);
    }
}
