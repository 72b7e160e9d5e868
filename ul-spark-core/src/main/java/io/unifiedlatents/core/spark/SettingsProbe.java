package io.unifiedlatents.core.spark;

import java.util.List;
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

    /** Whether tasks get the GPU that {@code compute.device=gpu} asks for. */
    static Finding gpu(SparkConf conf) {
        String name = "gpu resource";
        List<String> keys = List.of("spark.executor.resource.gpu.amount", "spark.task.resource.gpu.amount");
        List<String> missing = keys.stream().filter(key -> !conf.contains(key)).toList();
        return missing.isEmpty()
                ? Finding.pass(name, conf.get(keys.get(1)) + " for a task, " + conf.get(keys.get(0)) + " an executor")
                : Finding.fail(
                        name,
                        "compute.device is gpu, not set is " + String.join(", ", missing),
                        "--conf " + String.join("=1 --conf ", missing) + "=1, or compute.device=cpu");
    }

    private static Finding off(SparkConf conf, String key, String reason) {
        return conf.getBoolean(key, false)
                ? Finding.fail(key, "true", "--conf " + key + "=false: " + reason)
                : Finding.pass(key, "false");
    }
}
