package io.unifiedlatents.core.spark;

import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.jspecify.annotations.Nullable;

/**
 * Carries progress from executors to the driver while a stage runs, over Spark's own (authenticated, encrypted where
 * Spark is) messages. One listener at a time: a driver trains one model at a time.
 */
public final class ProgressPlugin implements SparkPlugin {
    private static volatile @Nullable PluginContext executor;
    private static volatile @Nullable Consumer<Object> listener;

    /** Receives what ranks {@link #send} until the next call; null to stop. */
    static void listen(@Nullable Consumer<Object> receiver) {
        listener = receiver;
    }

    /** Sends a serializable message from an executor to the driver; does nothing where the plugin is not loaded. */
    static void send(Object message) {
        PluginContext context = executor;
        if (context != null) {
            try {
                context.send(message);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException("the driver cannot be told of progress", e);
            }
        }
    }

    @Override
    public DriverPlugin driverPlugin() {
        return new DriverPlugin() {
            @Override
            public @Nullable Object receive(Object message) {
                Consumer<Object> receiver = listener;
                if (receiver != null) {
                    receiver.accept(message);
                }
                return null;
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
