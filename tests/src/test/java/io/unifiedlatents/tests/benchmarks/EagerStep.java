package io.unifiedlatents.tests.benchmarks;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * {@code stage1_eager.py} in a Python process that waits for commands between measurements. The interpreter is
 * {@code -Dul.python}, by default {@code /usr/bin/python3}.
 */
final class EagerStep implements AutoCloseable {
    private final Path directory;
    private final Process process;
    private final BufferedReader answers;
    private final Writer commands;
    private final String version;

    /**
     * Starts Python; skips the test where it has no torch.
     *
     * @param directory holds the inputs: layout.txt, config.json and arrays called {@code <name>.bin}
     */
    EagerStep(Path directory, int threads) throws IOException {
        this.directory = directory;
        Path script = directory.resolve("stage1_eager.py");
        try (var in = java.util.Objects.requireNonNull(
                EagerStep.class.getResourceAsStream("/benchmarks/" + script.getFileName()))) {
            Files.copy(in, script);
        }
        Path python = Path.of(System.getProperty("ul.python", "/usr/bin/python3"));
        assumeTrue(Files.isExecutable(python), "no " + python);
        this.process = new ProcessBuilder(
                        python.toString(), script.toString(), directory.toString(), Integer.toString(threads))
                .redirectError(ProcessBuilder.Redirect.to(
                        directory.resolve("errors.txt").toFile()))
                .start();
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.commands = process.outputWriter(StandardCharsets.UTF_8);
        this.version = firstLine(python);
    }

    private String firstLine(Path python) throws IOException {
        String line = answers.readLine();
        if (line == null) {
            String errors = errors();
            if (errors.contains("No module named")) {
                abort(python + " lacks a package: " + errors.strip());
            }
            throw new IOException(errors);
        }
        return line;
    }

    private String errors() throws IOException {
        return Files.readString(directory.resolve("errors.txt"));
    }

    /** Version of PyTorch. */
    String version() {
        return version;
    }

    /** Runs networks and step once on the inputs; the results are {@link #result}s. Returns the parameter count. */
    long check(String norm) {
        return Long.parseLong(ask("check " + norm));
    }

    /** Seconds of so many steps. */
    double seconds(String norm, String layout, String dtype, int steps) {
        return Double.parseDouble(ask("time " + norm + " " + layout + " " + dtype + " " + steps));
    }

    private String ask(String command) {
        try {
            commands.write(command + "\n");
            commands.flush();
            String answer = answers.readLine();
            if (answer == null) {
                throw new IOException(command + ": " + errors());
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
        commands.close(); // the end of its input ends the script
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
        }
    }
}
