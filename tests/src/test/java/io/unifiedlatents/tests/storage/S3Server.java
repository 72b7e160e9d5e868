package io.unifiedlatents.tests.storage;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * An S3 server in a process of its own, with one bucket on disk: it may be stopped and started again on what it held.
 * Adobe's S3Mock, put into place by Maven.
 */
public final class S3Server implements AutoCloseable {
    private static final Path JAR = Path.of("target/servers/s3mock-exec.jar").toAbsolutePath();
    private static final long LONGEST_START_SECONDS = 120;
    private static final long LONGEST_STOP_SECONDS = 40;

    private final Path directory;
    private final String bucket;
    private final int port;
    private final int unusedPort;
    private Process process;

    private S3Server(Path directory, String bucket) throws IOException {
        this.directory = directory;
        this.bucket = bucket;
        this.port = freePort();
        this.unusedPort = freePort();
    }

    /**
     * Starts a server that keeps its objects and its log in a directory.
     *
     * @param bucket of a name of its own: Hadoop keeps one client for each in a process
     */
    public static S3Server start(Path directory, String bucket) throws IOException, InterruptedException {
        S3Server server = new S3Server(directory, bucket);
        server.start();
        return server;
    }

    static int freePort() throws IOException {
        try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return any.getLocalPort();
        }
    }

    /** Starts it again, on the same port and the same objects. */
    public void start() throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
        ProcessBuilder builder = new ProcessBuilder(
                        java,
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-jar",
                        JAR.toString(),
                        "--http.port=" + port,
                        "--server.port=" + unusedPort)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("s3.log").toFile()));
        builder.environment().put("COM_ADOBE_TESTING_S3MOCK_STORE_INITIAL_BUCKETS", bucket);
        builder.environment()
                .put(
                        "COM_ADOBE_TESTING_S3MOCK_STORE_ROOT",
                        directory.resolve("s3").toString());
        builder.environment().put("COM_ADOBE_TESTING_S3MOCK_STORE_RETAIN_FILES_ON_EXIT", "true");
        process = builder.start();
        awaitPort();
    }

    private void awaitPort() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_START_SECONDS);
        while (true) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    throw new IOException("no S3 server on port " + port + ", see " + directory.resolve("s3.log"), e);
                }
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
    }

    /**
     * Stops it: what it is answering it answers, then nothing. Killed while it puts an object in place, this server,
     * unlike a real store, fails on everything from then on.
     */
    public void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(LONGEST_STOP_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }

    /** Kills it at once, whatever it is doing. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Port it listens on. */
    int port() {
        return port;
    }

    /** URI of a directory in its bucket. */
    public String uri(String name) {
        return "s3a://" + bucket + "/" + name;
    }

    /** Hadoop settings to reach it. */
    public Map<String, String> settings() {
        return settings(port);
    }

    /** Hadoop settings to reach it through another port. */
    static Map<String, String> settings(int port) {
        return new TreeMap<>(Map.of(
                "fs.s3a.endpoint", "http://127.0.0.1:" + port,
                "fs.s3a.endpoint.region", "us-east-1",
                "fs.s3a.access.key", "any",
                "fs.s3a.secret.key", "any",
                "fs.s3a.path.style.access", "true"));
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
