package io.unifiedlatents.core.spark;

import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.Encryption;
import io.unifiedlatents.core.collective.TcpRing;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ClusterConfig;
import java.io.Serializable;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

/**
 * Ranks of a data-parallel job: the tasks of one barrier stage, one an executor. Spark places them and exchanges their
 * addresses; after that they talk to each other directly.
 */
final class Ranks {
    private static final int SECRET_BYTES = 32;
    private static final long INTERRUPT_POLL_MILLIS = 200;

    private Ranks() {}

    /**
     * Runs a task on every rank and returns when all are done.
     *
     * <p>Throws Spark's own exception, undeclared, if a rank fails: Spark does not retry a barrier stage.
     *
     * @param worldSize number of ranks; the cluster must have that many free slots
     */
    static void run(JavaSparkContext spark, int worldSize, ClusterConfig cluster, RankTask task) {
        SecureRandom random = new SecureRandom();
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        String runId = spark.sc().applicationId() + "-" + HexFormat.of().toHexDigits(random.nextLong());
        List<Integer> ranks = Collections.nCopies(worldSize, 0);
        spark.parallelize(ranks, worldSize)
                .rdd()
                .barrier()
                .mapPartitions(new Body(task, cluster, runId, secret), false, ClassTag$.MODULE$.apply(Integer.class))
                .toJavaRDD()
                .collect();
    }

    /** Ranks to use: those the config wants, or one for each slot the executors have now. */
    static int worldSize(JavaSparkContext spark, ClusterConfig cluster, int streams) {
        int slots = spark.sc()
                .maxNumConcurrentTasks(spark.sc().resourceProfileManager().defaultResourceProfile());
        int worldSize = cluster.ranks() == 0 ? Math.max(1, Math.min(slots, streams)) : cluster.ranks();
        Check.setting(
                worldSize <= streams,
                "cluster.ranks=%d is more than the %d micro-batches of a step; lower it, or microBatch",
                worldSize,
                streams);
        return worldSize;
    }

    /** One barrier task; a Scala function, as only those reach a barrier stage. */
    private static final class Body extends AbstractFunction1<Iterator<Integer>, Iterator<Integer>>
            implements Serializable {
        private final RankTask task;
        private final ClusterConfig cluster;
        private final String runId;
        private final byte[] secret;

        Body(RankTask task, ClusterConfig cluster, String runId, byte[] secret) {
            this.task = task;
            this.cluster = cluster;
            this.runId = runId;
            this.secret = secret;
        }

        @Override
        public Iterator<Integer> apply(Iterator<Integer> ignored) {
            try {
                connectAndRun();
            } catch (Exception e) {
                throw new RankFailedException(BarrierTaskContext.get().partitionId(), e);
            }
            return JavaConverters.asScalaIterator(Collections.<Integer>emptyIterator());
        }

        private void connectAndRun() throws Exception {
            BarrierTaskContext context = BarrierTaskContext.get();
            String host = SparkEnv.get().blockManager().blockManagerId().host();
            try (TcpRing.Listener listener = TcpRing.Listener.open(host, cluster.firstPort(), cluster.lastPort())) {
                List<String> addresses = Arrays.asList(context.allGather(listener.address()));
                Duration timeout = Duration.ofSeconds(cluster.peerTimeoutSeconds());
                SparkEnv env = SparkEnv.get();
                byte[] ringSecret = RingSecurity.secret(env, secret);
                Encryption encryption = RingSecurity.encryption(env.conf());
                try (Collective collective = listener.connect(
                                context.partitionId(), addresses, runId, ringSecret, encryption, timeout);
                        InterruptWatch watch = new InterruptWatch(context, collective)) {
                    watch.start();
                    task.run(collective);
                }
            }
        }
    }

    /** Spark only sets a flag when it kills a task; this closes the sockets a rank may be blocked on. */
    private static final class InterruptWatch implements AutoCloseable {
        private final Thread thread;

        InterruptWatch(BarrierTaskContext context, Collective collective) {
            this.thread = new Thread(
                    () -> {
                        try {
                            while (!context.isInterrupted()) {
                                Thread.sleep(INTERRUPT_POLL_MILLIS);
                            }
                            collective.abort(new InterruptedException("Spark killed this task"));
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt(); // the task is done
                        }
                    },
                    "interrupt-watch");
            thread.setDaemon(true);
        }

        void start() {
            thread.start();
        }

        @Override
        public void close() throws InterruptedException {
            thread.interrupt();
            thread.join();
        }
    }
}
