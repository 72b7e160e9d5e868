package io.unifiedlatents.core.spark.doctor;

import io.unifiedlatents.core.spark.cluster.TaskResources;
import io.unifiedlatents.core.spark.doctor.Finding.Status;
import java.util.List;
import org.apache.spark.SparkConf;

/** Checks of Spark's settings, against the needs of a barrier stage of long tasks. */
final class SettingsProbe {
    private SettingsProbe() {}

    static List<Finding> all(SparkConf conf) {
        String reaper = "spark.task.reaper.enabled";
        return List.of(
                flag(
                        conf,
                        "spark.dynamicAllocation.enabled",
                        false,
                        Status.FAIL,
                        ": barrier stages do not run with it"),
                flag(conf, "spark.speculation", false, Status.FAIL, ": a second copy of a task writes the same shard"),
                flag(conf, reaper, true, Status.WARN, " has Spark watch tasks that do not end when killed"));
    }

    /** Compares a setting that is false by default with the value that it should have. */
    private static Finding flag(SparkConf conf, String key, boolean wanted, Status otherwise, String reason) {
        boolean value = conf.getBoolean(key, false);
        return Finding.passIf(value == wanted, "" + value, otherwise, "--conf " + key + "=" + wanted + reason)
                .named(key);
    }

    /** Whether executors have the GPU that {@code compute.device=gpu} asks for. */
    static Finding gpu(SparkConf conf) {
        String key = TaskResources.EXECUTOR_GPUS;
        boolean set = conf.contains(key);
        String found = set
                ? conf.get(TaskResources.TASK_GPUS, "1") + " for a rank, " + conf.get(key) + " an executor"
                : "compute.device is gpu, not set is " + key;
        return Finding.passIf(set, found, Status.FAIL, "--conf " + key + "=1, or compute.device=cpu");
    }
}
