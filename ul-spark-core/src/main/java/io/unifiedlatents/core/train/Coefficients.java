package io.unifiedlatents.core.train;

import io.unifiedlatents.core.schedule.NoiseLevel;
import io.unifiedlatents.core.schedule.NoiseSchedule;
import io.unifiedlatents.core.schedule.StratifiedTimes;
import io.unifiedlatents.core.schedule.Weighting;

/** Rows of numbers, one a sample, that a script reads its noise levels from. */
final class Coefficients {
    private final int rows;
    private final int columns;
    private final float[] values;

    Coefficients(int rows, int columns) {
        this.rows = rows;
        this.columns = columns;
        this.values = new float[rows * columns];
    }

    /** Fills four columns of every row: α, σ, λ and the weight of ‖v − v̂‖², at stratified times. */
    void fill(int first, NoiseSchedule schedule, Weighting weighting, long seed) {
        double[] times = StratifiedTimes.of(rows, seed);
        for (int row = 0; row < rows; row++) {
            NoiseLevel level = schedule.at(times[row]);
            int at = row * columns + first;
            values[at] = (float) level.alpha();
            values[at + 1] = (float) level.sigma();
            values[at + 2] = (float) level.logSnr();
            values[at + 3] = (float) level.velocityWeight(weighting);
        }
    }

    float[] values() {
        return values;
    }
}
