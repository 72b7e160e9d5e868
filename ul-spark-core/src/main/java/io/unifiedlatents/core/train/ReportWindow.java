package io.unifiedlatents.core.train;

import io.unifiedlatents.core.config.TrainConfig;
import io.unifiedlatents.core.telemetry.PhaseTimer;
import io.unifiedlatents.core.telemetry.PhaseTimer.Phase;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Sums what steps found until the next report. */
final class ReportWindow {
    private final Objective objective;
    private final TrainConfig run;
    private final PhaseTimer timer;
    private final double[] sums;
    private double normSum;
    private long overlappedNanos;
    private long from;
    private long sinceNanos = System.nanoTime();

    ReportWindow(Objective objective, TrainConfig run, PhaseTimer timer, long firstStep) {
        this.objective = objective;
        this.run = run;
        this.timer = timer;
        this.sums = new double[objective.terms().size()];
        this.from = firstStep;
    }

    void add(TrainStep.Result result) {
        for (int k = 0; k < sums.length; k++) {
            sums[k] += result.terms()[k];
        }
        normSum += result.gradientNorm();
        overlappedNanos += result.overlappedNanos();
    }

    /** The means since the last report; starts anew. */
    TrainReport report(long done, double learningRate) {
        int count = Math.toIntExact(done - from);
        Map<String, Double> terms = new LinkedHashMap<>();
        for (int k = 0; k < sums.length; k++) {
            terms.put(objective.terms().get(k), sums[k] / count);
            sums[k] = 0;
        }
        long now = System.nanoTime();
        TrainReport report = new TrainReport(
                done,
                run.steps(),
                run.globalBatch(),
                terms,
                normSum / count,
                learningRate,
                (now - sinceNanos) / 1e9,
                count,
                phaseSeconds(),
                overlappedNanos / 1e9,
                objective.trainingFlops() * run.globalBatch() * count);
        normSum = 0;
        overlappedNanos = 0;
        from = done;
        sinceNanos = now;
        return report;
    }

    private Map<Phase, Double> phaseSeconds() {
        Map<Phase, Double> seconds = new EnumMap<>(Phase.class);
        timer.snapshotAndReset().forEach((phase, nanos) -> seconds.put(phase, nanos / 1e9));
        return seconds;
    }
}
