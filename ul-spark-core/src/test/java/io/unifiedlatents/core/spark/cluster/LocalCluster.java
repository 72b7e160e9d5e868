package io.unifiedlatents.core.spark.cluster;

import io.unifiedlatents.core.spark.ranks.ProgressPlugin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.SparkConf;

/** Spark's own master and workers inside this process, with executors in processes of their own. */
final class LocalCluster {
    private LocalCluster() {}

    /** Settings of an application on workers of so many cores, which run the classes of this test. */
    static SparkConf conf(int workers, int cores) throws IOException {
        Files.createDirectories(
                Path.of(System.getenv("SPARK_HOME"), "jars")); // Spark looks for it; all is on the class path
        return new SparkConf()
                .setMaster("local-cluster[" + workers + "," + cores + ",1024]")
                .setAppName("test")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.ui.enabled", "false")
                .set("spark.executor.memory", "512m")
                .set("spark.scheduler.minRegisteredResourcesRatio", "1.0")
                .set("spark.cores.max", Integer.toString(workers * cores))
                .set(
                        "spark.executor.extraClassPath",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")))
                .set("spark.plugins", ProgressPlugin.class.getName());
    }
}
