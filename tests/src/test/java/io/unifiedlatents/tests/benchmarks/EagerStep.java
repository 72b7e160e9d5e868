package io.unifiedlatents.tests.benchmarks;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code stage1_eager.py} in a Python process that waits for commands between measurements. The interpreter is
 * {@code -Dul.python}, by default {@code /usr/bin/python3}.
 */
final class EagerStep implements AutoCloseable {
    private final Path directory;
    private final Peer python;
    private final String version;

    /**
     * Starts Python; skips the test where it has no torch.
     *
     * @param directory holds the inputs: layout.txt, config.json and arrays called {@code <name>.bin}
     */
    EagerStep(Path directory, int threads) throws IOException {
        assumeTrue(Files.isExecutable(Peer.PYTHON), "no " + Peer.PYTHON);
        this.directory = directory;
        this.python = new Peer(
                directory.resolve("errors.txt"),
                List.of(
                        Peer.PYTHON.toString(),
                        Peer.script("stage1_eager.py", directory).toString(),
                        directory.toString(),
                        Integer.toString(threads)));
        this.version = python.answer();
    }

    /** Version of PyTorch. */
    String version() {
        return version;
    }

    /** Runs networks and step once on the inputs; the results are {@link #result}s. Returns the parameter count. */
    long check(String norm) {
        return Long.parseLong(python.ask("check " + norm));
    }

    /** Seconds of so many steps. */
    double seconds(String norm, String layout, String dtype, int steps) {
        return Double.parseDouble(python.ask("time " + norm + " " + layout + " " + dtype + " " + steps));
    }

    /** Numbers that the script wrote. */
    float[] result(String name) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(directory.resolve(name + ".bin")))
                .order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(values);
        return values;
    }

    @Override
    public void close() throws IOException {
        python.close();
    }
}
