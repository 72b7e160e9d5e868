package io.unifiedlatents.core.spark.ranks;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.unifiedlatents.core.telemetry.PhaseTimer.Phase;
import io.unifiedlatents.core.train.TrainReport;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** The last report of training as gauges of Spark's metric system, where its sinks find them; NaN before the first. */
final class TrainingMetrics {
    private volatile @Nullable TrainReport last;
    private final Map<Integer, RankMemory> memory = new ConcurrentHashMap<>();

    void register(MetricRegistry registry) {
        gauge(registry, "step", TrainReport::step);
        gauge(registry, "imagesPerSecond", TrainReport::imagesPerSecond);
        gauge(registry, "learningRate", TrainReport::learningRate);
        gauge(registry, "gradientNorm", TrainReport::gradientNorm);
        gauge(registry, "communicationOverlap", TrainReport::overlap);
        for (String term : new String[] {"loss", "bitsPerPixel"}) {
            gauge(registry, term, report -> report.terms().getOrDefault(term, Double.NaN));
        }
        bytes(registry, "residentBytes", rank -> rank.use().residentBytes());
        bytes(registry, "heapBytes", rank -> rank.use().heapBytes());
        bytes(registry, "directBytes", rank -> rank.use().directBytes());
        bytes(registry, "stateBytes", rank -> rank.state().total());
        for (Phase phase : Phase.TIMED) {
            gauge(
                    registry,
                    "phaseSeconds." + phase,
                    report -> report.phaseSeconds().getOrDefault(phase, Double.NaN));
        }
    }

    void accept(RankMemory rank) {
        memory.values().removeIf(other -> other.worldSize() != rank.worldSize());
        memory.put(rank.rank(), rank);
    }

    /** Registers the bytes of the rank that has most. */
    private void bytes(MetricRegistry registry, String name, ToLongFunction<RankMemory> bytes) {
        registry.register(name, (Gauge<Double>) () ->
                memory.values().stream().mapToDouble(bytes::applyAsLong).max().orElse(Double.NaN));
    }

    void accept(TrainReport report) {
        last = report;
    }

    private void gauge(MetricRegistry registry, String name, ToDoubleFunction<TrainReport> value) {
        registry.register(name, (Gauge<Double>) () -> {
            TrainReport report = last;
            return report == null ? Double.NaN : value.applyAsDouble(report);
        });
    }
}
