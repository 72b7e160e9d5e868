package io.unifiedlatents.core.spark.cluster;

import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;

/** Hadoop's settings inside a task. */
public final class TaskHadoop {
    private TaskHadoop() {}

    /**
     * The cluster's settings and the application's {@code spark.hadoop.*}, which an executor's process does not know.
     */
    public static Configuration conf() {
        return SparkHadoopUtil.get().newConfiguration(SparkEnv.get().conf());
    }
}
