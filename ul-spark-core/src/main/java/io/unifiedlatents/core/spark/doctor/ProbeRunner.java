package io.unifiedlatents.core.spark.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.api.java.JavaSparkContext;

/** Runs checks one after another, each within its time; an exception of a check becomes its row. */
final class ProbeRunner {
    private static final int LONGEST_MESSAGE = 400;

    /** A check. */
    interface Probe {
        Finding look() throws Exception;
    }

    private final JavaSparkContext spark;
    private final List<Finding> findings = new ArrayList<>();

    ProbeRunner(JavaSparkContext spark) {
        this.spark = spark;
    }

    /**
     * Runs a check and keeps its row.
     *
     * @param name of the check
     * @param seconds after which it has failed and its Spark jobs are cancelled
     * @param advice what to do where it throws
     */
    void run(String name, int seconds, String advice, Probe probe) throws InterruptedException {
        findings.add(bounded(name, seconds, advice, probe));
    }

    /** Runs a check that is no row of the table, and returns its finding. */
    Finding bounded(String name, int seconds, String advice, Probe probe) throws InterruptedException {
        String group = "doctor: " + name;
        FutureTask<Finding> task = new FutureTask<>(() -> {
            spark.setJobGroup(group, group, true);
            return probe.look().named(name);
        });
        Thread thread = new Thread(task, group);
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get(seconds, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return new Finding(name, Finding.Status.FAIL, message(cause), advice);
        } catch (TimeoutException e) {
            task.cancel(true);
            spark.sc().cancelJobGroup(group);
            return new Finding(name, Finding.Status.FAIL, "not done after " + seconds + " s, the limit", advice);
        }
    }

    List<Finding> findings() {
        return findings;
    }

    /** The message of an exception as one line, without the stack that Spark puts into messages. */
    static String message(Throwable thrown) {
        String text = thrown.getMessage() == null ? thrown.toString() : thrown.getMessage();
        String line = text.split("\\n\\s*at ", 2)[0].replaceAll("\\s+", " ").strip();
        return line.length() <= LONGEST_MESSAGE ? line : line.substring(0, LONGEST_MESSAGE) + "…";
    }
}
