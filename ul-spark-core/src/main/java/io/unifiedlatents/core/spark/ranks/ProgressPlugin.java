package io.unifiedlatents.core.spark.ranks;

import io.unifiedlatents.core.train.TrainReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.jspecify.annotations.Nullable;

/**
 * Carries messages from executors to the driver while a stage runs, over Spark's own (authenticated, encrypted where
 * Spark is) transport, and shows training in Spark's metric system. One listener at a time: a driver trains one model
 * at a time.
 */
public final class ProgressPlugin implements SparkPlugin {
    private static volatile @Nullable PluginContext executor;
    private static volatile @Nullable Function<Object, @Nullable Object> listener;

    /** Receives what ranks {@link #send} and answers what they {@link #ask}, until the next call; null to stop. */
    static void listen(@Nullable Function<Object, @Nullable Object> receiver) {
        listener = receiver;
    }

    /** Sends a serializable message from an executor to the driver; does nothing where the plugin is not loaded. */
    public static void send(Object message) {
        PluginContext context = executor;
        if (context != null) {
            try {
                context.send(message);
            } catch (IOException e) {
                throw new UncheckedIOException("the driver cannot be told of progress", e);
            }
        }
    }

    /** Sends a message and waits for the answer; null where nobody listens or the plugin is not loaded. */
    static @Nullable Object ask(Object message) throws InterruptedException {
        PluginContext context = executor;
        try {
            return context == null ? null : context.ask(message);
        } catch (Exception e) {
            if (e instanceof InterruptedException interrupted) {
                throw interrupted;
            }
            throw new IllegalStateException("the driver does not answer: " + e.getMessage(), e);
        }
    }

    @Override
    public DriverPlugin driverPlugin() {
        TrainingMetrics metrics = new TrainingMetrics();
        return new DriverPlugin() {
            @Override
            public void registerMetrics(String applicationId, PluginContext context) {
                metrics.register(context.metricRegistry());
            }

            @Override
            public @Nullable Object receive(Object message) {
                if (message instanceof TrainReport report) {
                    metrics.accept(report);
                } else if (message instanceof RankMemory rank) {
                    metrics.accept(rank);
                }
                Function<Object, @Nullable Object> receiver = listener;
                return receiver == null ? null : receiver.apply(message);
            }
        };
    }

    @Override
    public ExecutorPlugin executorPlugin() {
        return new ExecutorPlugin() {
            @Override
            public void init(PluginContext context, Map<String, String> extraConf) {
                executor = context;
            }
        };
    }
}
