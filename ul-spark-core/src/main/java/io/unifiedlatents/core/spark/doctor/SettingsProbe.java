package io.unifiedlatents.core.spark.doctor;

import io.unifiedlatents.core.spark.cluster.TaskResources;
import org.apache.spark.SparkConf;

/** Spark's settings against what a barrier stage of long tasks needs. */
final class SettingsProbe {
    private SettingsProbe() {}

    static Finding dynamicAllocation(SparkConf conf) {
        return off(conf, "spark.dynamicAllocation.enabled", "barrier stages do not run with it");
    }

    static Finding speculation(SparkConf conf) {
        return off(conf, "spark.speculation", "a second copy of a task writes the same shard");
    }

    static Finding taskReaper(SparkConf conf) {
        String key = "spark.task.reaper.enabled";
        return conf.getBoolean(key, false)
                ? Finding.pass(key, "true")
                : Finding.warn(
                        key, "false", "--conf " + key + "=true has Spark watch tasks that do not end when killed");
    }

    /** Whether executors have the GPU that {@code compute.device=gpu} asks for. */
    static Finding gpu(SparkConf conf) {
        String name = "gpu resource";
        String key = TaskResources.EXECUTOR_GPUS;
        return conf.contains(key)
                ? Finding.pass(
                        name, conf.get(TaskResources.TASK_GPUS, "1") + " for a rank, " + conf.get(key) + " an executor")
                : Finding.fail(
                        name,
                        "compute.device is gpu, not set is " + key,
                        "--conf " + key + "=1, or compute.device=cpu");
    }

    private static Finding off(SparkConf conf, String key, String reason) {
        return conf.getBoolean(key, false)
                ? Finding.fail(key, "true", "--conf " + key + "=false: " + reason)
                : Finding.pass(key, "false");
    }
}
