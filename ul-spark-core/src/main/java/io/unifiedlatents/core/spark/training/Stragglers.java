package io.unifiedlatents.core.spark.training;

import io.unifiedlatents.core.telemetry.PhaseTimer.Phase;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Compares what the ranks spent their time on: in a ring all wait for the slowest, and only phases tell which it is.
 */
final class Stragglers {
    /** A rank is slow where it spends so much more than the median in a phase of its own. */
    private static final double FACTOR = 1.25;

    /** Differences below this share of the window, or below so many seconds, are noise. */
    private static final double SHARE = 0.05;

    private static final double SECONDS = 0.5;

    /** Phases in which ranks wait for each other, so that a long time is the fault of another rank. */
    private static final Set<Phase> WAITING = Set.of(Phase.COMMUNICATION, Phase.EVALUATION);

    /**
     * The seconds that a rank spent in each phase since its last report.
     *
     * @param step of the report
     * @param seconds wall time by phase
     */
    record Phases(int rank, long step, Map<Phase, Double> seconds) implements Serializable {}

    private final int worldSize;
    private final Map<Long, List<Phases>> waiting = new TreeMap<>();

    Stragglers(int worldSize) {
        this.worldSize = worldSize;
    }

    /** Adds a rank's report; when it is the last of its step, returns a line for each rank that others wait for. */
    synchronized List<String> accept(Phases phases) {
        List<Phases> all = waiting.computeIfAbsent(phases.step, step -> new ArrayList<>());
        all.add(phases);
        if (all.size() < worldSize) {
            return List.of();
        }
        waiting.remove(phases.step);
        Map<Phase, double[]> byPhase = new EnumMap<>(Phase.class);
        for (Phases rank : all) {
            rank.seconds.forEach((phase, seconds) ->
                    byPhase.computeIfAbsent(phase, name -> new double[worldSize])[rank.rank] = seconds);
        }
        double window = phases.seconds.values().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
        List<String> found = new ArrayList<>();
        byPhase.forEach((phase, seconds) -> {
            double[] sorted = seconds.clone();
            Arrays.sort(sorted);
            double median = sorted[(worldSize - 1) / 2];
            for (int rank = 0; rank < worldSize && !WAITING.contains(phase); rank++) {
                if (seconds[rank] > FACTOR * median && seconds[rank] - median > Math.max(SECONDS, SHARE * window)) {
                    found.add(String.format(
                            "rank %d is slow: %.2f s of %s up to step %d, the median of the ranks is %.2f s",
                            rank, seconds[rank], phase, phases.step, median));
                }
            }
        });
        return found;
    }
}
