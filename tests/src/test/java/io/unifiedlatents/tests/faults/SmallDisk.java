package io.unifiedlatents.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file system in memory that soon is full. */
final class SmallDisk implements AutoCloseable {
    private final Path directory;

    private SmallDisk(Path directory) {
        this.directory = directory;
    }

    /** Mounts one of {@code size}, such as {@code 64m}, at a new directory. */
    static SmallDisk mount(Path directory, String size) throws IOException, InterruptedException {
        Files.createDirectory(directory);
        assertThat(run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", directory.toString()))
                .as("mounting a small disk needs root")
                .isZero();
        return new SmallDisk(directory);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        run("umount", directory.toString());
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).start().waitFor();
    }
}
