package io.unifiedlatents.tests.faults;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A standalone Spark cluster on this machine, as {@code deploy/local-cluster.sh} starts it, to be damaged. */
final class Cluster implements AutoCloseable {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path SPARK_HOME = ROOT.resolve("tests/target/spark-home");

    private final Path directory;
    private final String host;
    private final String master;
    private final Map<String, String> environment;
    private final List<Submission> submissions = new ArrayList<>();

    private Cluster(Path directory, String host, int port) {
        this.directory = directory;
        this.host = host;
        this.master = "spark://" + host + ":" + port;
        this.environment = Map.of(
                "SPARK_HOME", SPARK_HOME.toString(),
                "SPARK_CONF_DIR", directory.resolve("conf").toString(),
                "MASTER", master,
                "UL_HOST", host,
                "UL_MASTER_PORT", Integer.toString(port),
                "UL_MASTER_UI_PORT", Integer.toString(port + 1));
    }

    /** Starts a master and workers of one core each, in a directory for their logs. */
    static Cluster start(Path directory, int port, int workers) throws IOException, InterruptedException {
        return start(directory, port, workers, Map.of());
    }

    /** The same with settings of Spark for its daemons and for all that is submitted. */
    static Cluster start(Path directory, int port, int workers, Map<String, String> settings)
            throws IOException, InterruptedException {
        return start(directory, "127.0.0.1", port, workers, settings);
    }

    private static Cluster start(Path directory, String host, int port, int workers, Map<String, String> settings)
            throws IOException, InterruptedException {
        Cluster cluster = new Cluster(directory, host, port);
        Path conf = Files.createDirectories(directory.resolve("conf")).resolve("spark-defaults.conf");
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            Files.writeString(conf, setting.getKey() + " " + setting.getValue() + "\n", CREATE, APPEND);
        }
        cluster.run("deploy/spark-home.sh", SPARK_HOME.toString());
        cluster.run("deploy/local-cluster.sh", "start", directory.toString(), Integer.toString(workers), "2g");
        return cluster;
    }

    /** Starts a master on this side of a network, and a worker on each of its machines. */
    static Cluster start(Path directory, int port, Network network) throws IOException, InterruptedException {
        Cluster cluster = start(directory, Network.HOST, port, 0, Map.of());
        for (int machine = 1; machine <= Network.MACHINES; machine++) {
            cluster.startWorker(Integer.toString(machine), Network.address(machine), Network.on(machine));
        }
        return cluster;
    }

    /** Submits a job with {@code deploy/submit.sh}. */
    Submission submit(String job, List<String> sparkOptions, List<String> jobOptions) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "deploy/submit.sh",
                job,
                "--driver-memory",
                "512m",
                "--executor-memory",
                "1g",
                "--conf",
                "spark.driver.host=" + host,
                "--conf",
                "spark.driver.bindAddress=" + host));
        command.addAll(sparkOptions);
        command.add("--");
        command.addAll(jobOptions);
        Submission submission = new Submission(builder(command).start());
        submissions.add(submission);
        return submission;
    }

    /** Kills the drivers that still run, so that a test that failed leaves its slots to the next. */
    void endSubmissions() {
        for (Submission submission : submissions) {
            submission.driver().destroyForcibly();
        }
        submissions.clear();
    }

    /** Processes of the executors there are now, oldest first. */
    List<ProcessHandle> executors() throws IOException {
        List<ProcessHandle> executors = new ArrayList<>();
        for (ProcessHandle worker : workers()) {
            worker.children()
                    .filter(child -> child.info().commandLine().orElse("").contains("CoarseGrainedExecutorBackend"))
                    .forEach(executors::add);
        }
        // one that died meanwhile has no start any more
        executors.sort(
                Comparator.comparing(executor -> executor.info().startInstant().orElse(Instant.MAX)));
        return executors;
    }

    /** Adds a worker of one core; returns before it has registered. */
    void startWorker(String name) throws IOException {
        startWorker(name, host, List.of());
    }

    private void startWorker(String name, String address, List<String> prefix) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                SPARK_HOME.resolve("bin/spark-class").toString(),
                "org.apache.spark.deploy.worker.Worker",
                "--host",
                address,
                "--webui-port",
                "0",
                "--cores",
                "1",
                "--memory",
                "2g",
                "--work-dir",
                directory.resolve("work-" + name).toString(),
                master));
        ProcessBuilder worker = builder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("worker-" + name + ".log").toFile());
        worker.environment().put("SPARK_LOCAL_IP", address);
        Files.writeString(directory.resolve("pids"), worker.start().pid() + "\n", APPEND);
    }

    /** Kills the worker of an executor, and the executor. */
    static void killWorkerOf(ProcessHandle executor) {
        executor.parent().orElseThrow().destroyForcibly();
        executor.destroyForcibly();
    }

    /** Processes of the workers that live. */
    List<ProcessHandle> workers() throws IOException {
        return Files.readAllLines(directory.resolve("pids")).stream()
                .skip(1) // the master
                .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)).stream())
                .filter(ProcessHandle::isAlive)
                .toList();
    }

    private void run(String... command) throws IOException, InterruptedException {
        Process process = builder(List.of(command))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor(5, TimeUnit.MINUTES))
                .as(String.join(" ", command))
                .isTrue();
        assertThat(process.exitValue()).as(String.join(" ", command)).isZero();
    }

    private ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(ROOT.toFile());
        builder.environment().putAll(environment);
        return builder;
    }

    @Override
    public void close() throws IOException {
        List<ProcessHandle> processes = new ArrayList<>(executors());
        for (String pid : Files.readAllLines(directory.resolve("pids"))) {
            ProcessHandle.of(Long.parseLong(pid)).ifPresent(processes::add);
        }
        processes.forEach(ProcessHandle::destroyForcibly);
    }
}
