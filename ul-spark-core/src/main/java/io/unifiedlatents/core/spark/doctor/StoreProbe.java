package io.unifiedlatents.core.spark.doctor;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.config.TrainConfig;
import io.unifiedlatents.core.spark.cluster.TaskHadoop;
import io.unifiedlatents.core.stage.StageDefinition;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;

/** The run directory: what it does with files, who sees them, and how much it holds. */
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
    Finding semantics(String check) throws IOException {
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
        return Finding.pass(check, run + " publishes, replaces, lists and deletes");
    }

    /** The driver and a task on each slot read what the other wrote. */
    Finding shared(String check, JavaSparkContext spark, int slots) throws IOException {
        Storage probe = run.directory(folder);
        try {
            String content = spark.sc().applicationId();
            probe.publish(DRIVER_FILE, content);
            List<Seen> all = spark.parallelize(Collections.nCopies(slots, 0), slots)
                    .mapPartitions(new Task(probe.toString(), content))
                    .collect();
            List<String> apart = new ArrayList<>();
            for (Seen seen : all) {
                if (!seen.readsDriver() || !reads(probe, seen.file(), content)) {
                    apart.add(seen.host());
                }
            }
            require(
                    apart.isEmpty(),
                    run,
                    "is not the same directory on the driver and on "
                            + apart.stream().distinct().toList());
            return Finding.pass(check, "driver and tasks on " + slots + " slots read what the other wrote");
        } finally {
            run.delete(folder);
        }
    }

    /** Free space against the checkpoints that a run keeps, of all stages. */
    Finding space(String check, RunConfig config, Configuration hadoop) throws IOException {
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
            return Finding.pass(check, need + "; the store names no limit");
        }
        String found = String.format("%,d bytes free; %s", free, need);
        return free >= needed
                ? Finding.pass(check, found)
                : Finding.fail(
                        check,
                        found,
                        "free space, lower keepCheckpoints of trainLatents.run, trainDecoder.run and trainBase.run, or move runDirectory");
    }

    /** Those kept at the same time at most: the last, the one being written, and those kept for ever. */
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
     * What a task found.
     *
     * @param host where it ran
     * @param readsDriver whether the driver's file was there
     * @param file that it wrote
     */
    private record Seen(String host, boolean readsDriver, String file) implements java.io.Serializable {}

    /**
     * Reads the driver's file and writes one of its own.
     *
     * @param directory of both
     * @param content of the driver's file
     */
    private record Task(String directory, String content) implements FlatMapFunction<Iterator<Integer>, Seen> {
        @Override
        public Iterator<Seen> call(Iterator<Integer> ignored) throws IOException {
            Storage storage = Storage.at(directory, TaskHadoop.conf());
            boolean reads = reads(storage, DRIVER_FILE, content);
            String file = "slot-" + TaskContext.getPartitionId();
            storage.publish(file, content);
            String host = SparkEnv.get().blockManager().blockManagerId().host();
            return List.of(new Seen(host, reads, file)).iterator();
        }
    }
}
