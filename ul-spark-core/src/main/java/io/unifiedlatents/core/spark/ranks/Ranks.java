package io.unifiedlatents.core.spark.ranks;

import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.ring.Encryption;
import io.unifiedlatents.core.collective.ring.TcpRing;
import io.unifiedlatents.core.config.ClusterConfig;
import io.unifiedlatents.core.spark.cluster.Devices;
import io.unifiedlatents.core.train.Pulse;
import java.io.Serializable;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.storage.BlockManagerId;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

/**
 * Ranks of a data-parallel job: the tasks of one barrier stage, one an executor. Spark places them and exchanges their
 * addresses; after that they talk to each other directly.
 */
public final class Ranks {
    private static final int SECRET_BYTES = 32;
    private static final long INTERRUPT_POLL_MILLIS = 200;

    private Ranks() {}

    /**
     * Runs a task on every rank and returns when all are done.
     *
     * <p>Throws Spark's own exception, undeclared, if a rank fails: Spark does not retry a barrier stage.
     *
     * @param attempt names this attempt, different for each
     * @param resources that each rank holds, see {@link io.unifiedlatents.core.spark.cluster.TaskResources}
     * @param worldSize number of ranks; the cluster must have that many free slots
     * @return steps done
     */
    public static long run(
            JavaSparkContext spark,
            String attempt,
            ResourceProfile resources,
            int worldSize,
            ClusterConfig cluster,
            RankTask task) {
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        List<Integer> ranks = Collections.nCopies(worldSize, 0);
        return spark.parallelize(ranks, worldSize)
                .rdd()
                .withResources(resources)
                .barrier()
                .mapPartitions(new Body(task, cluster, attempt, secret), false, ClassTag$.MODULE$.apply(Long.class))
                .toJavaRDD()
                .collect()
                .get(0);
    }

    /** The body of a barrier task; a Scala function, because only those reach a barrier stage. */
    private static final class Body extends AbstractFunction1<Iterator<Integer>, Iterator<Long>>
            implements Serializable {
        private final RankTask task;
        private final ClusterConfig cluster;
        private final String attempt;
        private final byte[] secret;

        Body(RankTask task, ClusterConfig cluster, String attempt, byte[] secret) {
            this.task = task;
            this.cluster = cluster;
            this.attempt = attempt;
            this.secret = secret;
        }

        @Override
        public Iterator<Long> apply(Iterator<Integer> ignored) {
            BarrierTaskContext context = BarrierTaskContext.get();
            BlockManagerId process = SparkEnv.get().blockManager().blockManagerId();
            Pulse pulse = new Pulse();
            RankId rank = new RankId(
                    attempt, context.partitionId(), process.host(), process.executorId(), Devices.name(context));
            pulse.reached(Recovery.TASKS);
            Termination.stopOnNotice(pulse, rank);
            try (Periodic heartbeat = Heartbeat.start(rank, pulse)) {
                long steps = connectAndRun(context, process.host(), pulse);
                return JavaConverters.asScalaIterator(List.of(steps).iterator());
            } catch (Throwable e) { // errors too: the driver decides by them what to do next
                ProgressPlugin.send(RankFailure.of(Heartbeat.of(rank, pulse), e));
                throw new IllegalStateException("rank " + rank.rank() + " failed: " + e.getMessage(), e);
            } finally {
                Termination.forget();
            }
        }

        private long connectAndRun(BarrierTaskContext context, String host, Pulse pulse) throws Exception {
            try (TcpRing.Listener listener = TcpRing.Listener.open(host, cluster.firstPort(), cluster.lastPort())) {
                List<String> addresses = Arrays.asList(context.allGather(listener.address()));
                Duration timeout = Duration.ofSeconds(cluster.peerTimeoutSeconds());
                SparkEnv env = SparkEnv.get();
                byte[] ringSecret = RingSecurity.secret(env, secret);
                Encryption encryption = RingSecurity.encryption(env.conf());
                try (Collective collective = listener.connect(
                                context.partitionId(), addresses, attempt, ringSecret, encryption, timeout);
                        Periodic watch = abortWhenKilled(context, collective)) {
                    pulse.reached(Recovery.RENDEZVOUS);
                    return task.run(collective, pulse);
                }
            }
        }

        /** Spark only sets a flag when it kills a task; this closes the sockets a rank may be blocked on. */
        private static Periodic abortWhenKilled(BarrierTaskContext context, Collective collective) {
            return Periodic.start("interrupt-watch", INTERRUPT_POLL_MILLIS, () -> {
                if (context.isInterrupted()) {
                    collective.abort(new InterruptedException("Spark killed this task"));
                }
            });
        }
    }
}
