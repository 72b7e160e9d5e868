package io.unifiedlatents.core.spark.cluster;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ClusterConfig;
import io.unifiedlatents.core.config.ComputeConfig;
import io.unifiedlatents.core.config.DeviceKind;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;

/**
 * The resources that a task holds of its executor: a rank has {@code cluster.coresPerRank} cores, a task that computes
 * networks has a GPU where executors have them, and any other task has what {@code spark.task.*} says. Executors stay
 * the same.
 */
public final class TaskResources {
    public static final String EXECUTOR_GPUS = "spark.executor.resource.gpu.amount";
    public static final String TASK_GPUS = "spark.task.resource.gpu.amount";
    private static final String GPU = "gpu";

    private TaskResources() {}

    /**
     * The resources of the ranks of training.
     *
     * @throws io.unifiedlatents.core.config.ConfigException if cores are asked for where Spark cannot give them
     */
    public static ResourceProfile ofRank(JavaSparkContext spark, ClusterConfig cluster, ComputeConfig compute) {
        Check.setting(
                cluster.coresPerRank() == 0 || !spark.isLocal(),
                "cluster.coresPerRank is %d, but with master %s tasks are threads of one process; set it to 0, or use"
                        + " a standalone, YARN or Kubernetes cluster",
                cluster.coresPerRank(),
                spark.master());
        return profile(spark, cluster.coresPerRank(), compute);
    }

    /** The resources of tasks that each compute networks by themselves. */
    public static ResourceProfile ofNetworks(JavaSparkContext spark, ComputeConfig compute) {
        return profile(spark, 0, compute);
    }

    private static ResourceProfile profile(JavaSparkContext spark, int cores, ComputeConfig compute) {
        SparkConf conf = spark.getConf();
        boolean gpu = compute.device() != DeviceKind.CPU && conf.contains(EXECUTOR_GPUS);
        boolean asSparkSays = cores == 0 && (!gpu || conf.contains(TASK_GPUS));
        if (asSparkSays || spark.isLocal()) {
            return spark.sc().resourceProfileManager().defaultResourceProfile();
        }
        TaskResourceRequests task =
                new TaskResourceRequests().cpus(cores > 0 ? cores : conf.getInt("spark.task.cpus", 1));
        if (gpu) {
            task.resource(GPU, conf.getDouble(TASK_GPUS, 1));
        }
        return new ResourceProfileBuilder().require(task).build();
    }
}
