package io.unifiedlatents.core.train;

import io.unifiedlatents.core.telemetry.PhaseTimer.Phase;
import java.io.Serializable;
import java.util.Map;

/**
 * The report of a training run after some steps; averages are over the steps since the last report and over all ranks.
 *
 * @param step steps done
 * @param steps of the whole run
 * @param globalBatch samples of a step
 * @param terms the objective's terms by name, the first is the loss
 * @param gradientNorm global norm before clipping, mean over the steps
 * @param learningRate of the last step
 * @param seconds wall time of these steps on rank 0
 * @param stepsInReport how many steps
 * @param phaseSeconds rank 0's time by phase
 * @param overlappedSeconds rank 0's communication while it computed, which no phase counts
 * @param flops of forward and backward of these steps over all ranks
 */
public record TrainReport(
        long step,
        long steps,
        int globalBatch,
        Map<String, Double> terms,
        double gradientNorm,
        double learningRate,
        double seconds,
        int stepsInReport,
        Map<Phase, Double> phaseSeconds,
        double overlappedSeconds,
        double flops)
        implements Serializable {
    /** Samples a second over all ranks. */
    public double imagesPerSecond() {
        return stepsInReport * (double) globalBatch / seconds;
    }

    /** Share of communication that ran while rank 0 computed, in [0, 1]; 0 where there was none. */
    public double overlap() {
        double exposed = phaseSeconds.getOrDefault(Phase.COMMUNICATION, 0.0);
        return overlappedSeconds == 0 ? 0 : overlappedSeconds / (overlappedSeconds + exposed);
    }
}
