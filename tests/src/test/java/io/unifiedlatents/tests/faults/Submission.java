package io.unifiedlatents.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A running driver and what it has printed. */
final class Submission {
    private static final Pattern PROGRESS = Pattern.compile("^step ([\\d,]+)/");

    /** No test waits longer than this for anything. */
    private static final long LONGEST_SECONDS = 240;

    private final Process process;
    private final List<String> lines = new ArrayList<>();
    private long step;

    Submission(Process process) {
        this.process = process;
        for (InputStream stream : List.of(process.getInputStream(), process.getErrorStream())) {
            Thread reader = new Thread(() -> read(stream), "submission");
            reader.setDaemon(true);
            reader.start();
        }
    }

    private void read(InputStream stream) {
        try (BufferedReader out = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                synchronized (this) {
                    lines.add(line);
                    Matcher progress = PROGRESS.matcher(line);
                    if (progress.find()) {
                        step = Long.parseLong(progress.group(1).replace(",", ""));
                    }
                    notifyAll();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Process of the driver. */
    ProcessHandle driver() {
        return process.descendants()
                .filter(child -> child.info().commandLine().orElse("").contains("SparkSubmit"))
                .findFirst()
                .orElse(process.toHandle());
    }

    /** The last step printed. */
    synchronized long step() {
        return step;
    }

    /** Number of lines printed, to look behind them later. */
    synchronized int mark() {
        return lines.size();
    }

    /** All that has been printed. */
    synchronized String output() {
        return String.join("\n", lines);
    }

    /** Waits until a step is printed that is not below {@code wanted}. */
    synchronized void awaitStep(long wanted) throws InterruptedException {
        long deadline = deadline();
        while (step < wanted) {
            waitUntil(deadline, "step " + wanted);
        }
    }

    /** Waits until a line behind {@code mark} contains a text; returns it. */
    synchronized String awaitLine(int mark, String text) throws InterruptedException {
        long deadline = deadline();
        int at = mark;
        while (true) {
            for (; at < lines.size(); at++) {
                if (lines.get(at).contains(text)) {
                    return lines.get(at);
                }
            }
            waitUntil(deadline, "'" + text + "'");
        }
    }

    /** Waits for the end; the exit code. */
    int exitCode() throws InterruptedException {
        assertThat(process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS))
                .as(output())
                .isTrue();
        return process.exitValue();
    }

    private static long deadline() {
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
    }

    @SuppressWarnings("WaitNotInLoop") // callers loop
    private void waitUntil(long deadline, String what) throws InterruptedException {
        long left = deadline - System.nanoTime();
        if (left <= 0 || (!process.isAlive() && left < TimeUnit.SECONDS.toNanos(LONGEST_SECONDS - 2))) {
            throw new AssertionError("no " + what + " in\n" + output());
        }
        wait(Math.min(1000, Math.max(1, left / 1_000_000)));
    }
}
