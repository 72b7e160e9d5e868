package io.unifiedlatents.core.schedule;

/**
 * λ(t) falling on a straight line: another shape with the same ends.
 *
 * @param maxLogSnr λ(0)
 * @param minLogSnr λ(1)
 */
record LinearSchedule(double maxLogSnr, double minLogSnr) implements NoiseSchedule {
    @Override
    public double logSnr(double t) {
        return maxLogSnr + t * (minLogSnr - maxLogSnr);
    }

    @Override
    public double derivative(double t) {
        return minLogSnr - maxLogSnr;
    }
}
