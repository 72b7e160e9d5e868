package io.unifiedlatents.tests.benchmarks;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** Another process that answers each line it is told with a line. */
final class Peer implements AutoCloseable {
    /** The Python that has torch, where there is one. */
    static final Path PYTHON = Path.of(System.getProperty("ul.python", "/usr/bin/python3"));

    private final Path errors;
    private final Process process;
    private final BufferedReader answers;
    private final Writer commands;

    /** Starts a command; what it writes to its standard error goes to the file {@code errors}. */
    Peer(Path errors, List<String> command) throws IOException {
        this.errors = errors;
        this.process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.to(errors.toFile()))
                .start();
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.commands = process.outputWriter(StandardCharsets.UTF_8);
    }

    /** A script of the test's resources, put into a directory. */
    static Path script(String name, Path directory) throws IOException {
        Path script = directory.resolve(name);
        try (var in = Objects.requireNonNull(Peer.class.getResourceAsStream("/benchmarks/" + name))) {
            Files.copy(in, script);
        }
        return script;
    }

    /** Gives a command and does not wait for its answer. */
    void tell(String command) {
        try {
            commands.write(command + "\n");
            commands.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next answer; where a Python package is missing, the test is skipped. */
    String answer() {
        try {
            String answer = answers.readLine();
            if (answer == null) {
                String text = Files.readString(errors);
                if (text.contains("No module named")) {
                    abort(PYTHON + " lacks a package: " + text.strip());
                }
                throw new IOException("process ended: " + text);
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String ask(String command) {
        tell(command);
        return answer();
    }

    @Override
    public void close() throws IOException {
        commands.close(); // the end of its input ends the process
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
        }
    }
}
