package io.unifiedlatents.core.spark.doctor;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.config.TrainConfig;
import io.unifiedlatents.core.spark.cluster.TaskHadoop;
import io.unifiedlatents.core.stage.StageDefinition;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;

/** The checks of the run directory: file operations, visibility on all machines, and free space. */
final class StoreProbe {
    private static final String DRIVER_FILE = "driver";
    private static final long BYTES_PER_PARAMETER = 16; // weight, two moments, moving average

    private final Storage run;
    private final String folder;

    /** Keeps its files in a folder of this application below the run directory, and deletes it after each check. */
    StoreProbe(String runDirectory, JavaSparkContext spark) throws IOException {
        this.run = Storage.at(runDirectory, spark.hadoopConfiguration());
        this.folder = "doctor-" + spark.sc().applicationId();
    }

    /** Publishes, reads, replaces, lists and deletes. */
    Finding semantics() throws IOException {
        Storage probe = run.directory(folder);
        try {
            for (String content : List.of("old", "new")) {
                probe.publish(DRIVER_FILE, content);
                require(probe.readText(DRIVER_FILE).equals(content), probe, "does not give back what was published");
            }
            require(probe.list().equals(List.of(DRIVER_FILE)), probe, "does not list exactly what was published");
            probe.delete(DRIVER_FILE);
            require(!probe.exists(DRIVER_FILE), probe, "still has a file that was deleted");
        } finally {
            run.delete(folder);
        }
        return Finding.pass(run + " publishes, replaces, lists and deletes");
    }

    /** The driver and a task on each slot read what the other wrote. */
    Finding shared(JavaSparkContext spark, int slots) throws IOException {
        Storage probe = run.directory(folder);
        try {
            String content = spark.sc().applicationId();
            String path = probe.toString();
            probe.publish(DRIVER_FILE, content);
            List<TaskFiles> all = spark.parallelize(Collections.nCopies(slots, 0), slots)
                    .map(ignored -> exchange(path, content))
                    .collect();
            List<String> apart = new ArrayList<>();
            for (TaskFiles task : all) {
                if (!task.readsDriver() || !reads(probe, task.file(), content)) {
                    apart.add(task.host());
                }
            }
            require(
                    apart.isEmpty(),
                    run,
                    "is not the same directory on the driver and on "
                            + apart.stream().distinct().toList());
            return Finding.pass("driver and tasks on " + slots + " slots read what the other wrote");
        } finally {
            run.delete(folder);
        }
    }

    /** Free space against the checkpoints that a run keeps, of all stages. */
    Finding space(RunConfig config, Configuration hadoop) throws IOException {
        Path path = run.path(folder);
        FileSystem fileSystem = path.getFileSystem(hadoop);
        while (!fileSystem.exists(path) && path.getParent() != null) {
            path = path.getParent();
        }
        long free = fileSystem.getStatus(path).getRemaining();
        long needed = 0;
        List<String> needs = new ArrayList<>();
        for (StageName stage : StageName.values()) {
            long parameters =
                    StageDefinition.of(stage).objective(config).layout().size();
            long checkpoints = checkpoints(config.training(stage).run());
            long bytes = Math.multiplyExact(parameters, BYTES_PER_PARAMETER * checkpoints);
            needs.add(String.format(
                    "%s: %,d checkpoints of %,d parameters, %,d bytes", stage, checkpoints, parameters, bytes));
            needed = Math.addExact(needed, bytes);
        }
        String need = String.join("; ", needs);
        if (free == Long.MAX_VALUE) {
            return Finding.pass(need + "; the store names no limit");
        }
        String found = String.format("%,d bytes free; %s", free, need);
        String advice = "free space, lower keepCheckpoints of trainLatents.run, trainDecoder.run and trainBase.run, or"
                + " move runDirectory";
        return Finding.passIf(free >= needed, found, Finding.Status.FAIL, advice);
    }

    /** Most checkpoints that exist at the same time: the last, the one being written, and those kept for ever. */
    private static long checkpoints(TrainConfig run) {
        return run.keepCheckpoints() + 1 + (run.keepEvery() == 0 ? 0 : run.steps() / run.keepEvery());
    }

    private static boolean reads(Storage storage, String file, String content) throws IOException {
        return storage.exists(file) && storage.readText(file).equals(content);
    }

    private static void require(boolean holds, Storage where, String what) throws IOException {
        if (!holds) {
            throw new IOException(where + " " + what);
        }
    }

    /**
     * The findings of one task.
     *
     * @param host where it ran
     * @param readsDriver whether the driver's file was there
     * @param file that it wrote
     */
    private record TaskFiles(String host, boolean readsDriver, String file) implements Serializable {}

    /** Reads the driver's file and writes another of the same content, in a task. */
    private static TaskFiles exchange(String directory, String content) throws IOException {
        Storage storage = Storage.at(directory, TaskHadoop.conf());
        boolean reads = reads(storage, DRIVER_FILE, content);
        String file = "slot-" + TaskContext.getPartitionId();
        storage.publish(file, content);
        return new TaskFiles(SparkEnv.get().blockManager().blockManagerId().host(), reads, file);
    }
}
