package io.unifiedlatents.tests;

import io.unifiedlatents.core.spark.ranks.ProgressPlugin;
import org.apache.spark.sql.SparkSession;

/** Spark within the process of a test. */
public final class LocalSpark {
    private LocalSpark() {}

    /** A session on the loopback interface, without pages; the caller adds what it needs, starts and stops it. */
    public static SparkSession.Builder session(String master, String name) {
        return SparkSession.builder()
                .master(master)
                .appName(name)
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.plugins", ProgressPlugin.class.getName());
    }
}
