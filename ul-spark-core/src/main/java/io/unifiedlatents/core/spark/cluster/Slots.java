package io.unifiedlatents.core.spark.cluster;

import io.unifiedlatents.core.config.ClusterConfig;
import io.unifiedlatents.core.telemetry.Console;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceProfile;

/** The slots for tasks, as executors come and go. */
public final class Slots {
    private static final long TELL_SECONDS = 10;

    private Slots() {}

    /** Tasks that the executors there are now can run at once, where each holds these resources. */
    static int count(JavaSparkContext spark, ResourceProfile resources) {
        spark.sc().resourceProfileManager().addResourceProfile(resources); // Spark counts for profiles it knows
        return spark.sc().maxNumConcurrentTasks(resources);
    }

    /**
     * Waits for slots, at most {@code cluster.waitForSlotsSeconds}, and says so every {@value #TELL_SECONDS} s.
     *
     * @param wanted how many; 0 as 1
     * @param enough ends the wait early
     * @return how many there are then: fewer than wanted where they did not come
     */
    public static int await(
            JavaSparkContext spark,
            ResourceProfile resources,
            ClusterConfig cluster,
            int wanted,
            BooleanSupplier enough)
            throws InterruptedException {
        long start = System.nanoTime();
        long told = 0;
        while (true) {
            int slots = count(spark, resources);
            long waited = Duration.ofNanos(System.nanoTime() - start).toSeconds();
            if (slots >= Math.max(1, wanted) || waited >= cluster.waitForSlotsSeconds() || enough.getAsBoolean()) {
                return slots;
            }
            if (waited >= told + TELL_SECONDS) {
                told = waited;
                Console.printf(
                        "waiting for slots: %d of %d, for %d of at most %d s",
                        slots, Math.max(1, wanted), waited, cluster.waitForSlotsSeconds());
            }
            TimeUnit.SECONDS.sleep(1);
        }
    }
}
