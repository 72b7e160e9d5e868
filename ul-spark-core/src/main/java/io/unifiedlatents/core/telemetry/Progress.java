package io.unifiedlatents.core.telemetry;

import io.unifiedlatents.core.config.Check;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/**
 * The progress of a run, as one line for the console.
 *
 * @param totalSteps step at which the run ends
 * @param imagesPerStep images (or videos) of the global batch
 */
public record Progress(long totalSteps, int imagesPerStep) {
    public Progress {
        Check.argument(totalSteps > 0, "totalSteps=%s must be positive", totalSteps);
        Check.argument(imagesPerStep > 0, "imagesPerStep=%s must be positive", imagesPerStep);
    }

    /**
     * The line after a step. The rate, and the time left that follows from it, are means between the two moments.
     *
     * @param fromStep a step completed earlier: where this attempt began, or where the last line was written
     * @param from when it was completed
     * @param step the last completed step
     * @param now when it was completed
     * @param bitsPerPixel NaN where the loss has no such meaning: it is then left out
     * @param loss the loss of this step or its mean since {@code fromStep}
     */
    public String line(long fromStep, Instant from, long step, Instant now, double bitsPerPixel, double loss) {
        double seconds = Duration.between(from, now).toNanos() / 1e9;
        double stepsPerSecond = seconds > 0 ? (step - fromStep) / seconds : 0;
        StringBuilder line = new StringBuilder();
        line.append(String.format(Locale.ROOT, "step %,d/%,d (%.1f %%)", step, totalSteps, 100.0 * step / totalSteps));
        line.append(String.format(Locale.ROOT, "  %.1f img/s", stepsPerSecond * imagesPerStep));
        if (!Double.isNaN(bitsPerPixel)) {
            line.append(String.format(Locale.ROOT, "  %.4f bits/pixel", bitsPerPixel));
        }
        line.append(String.format(Locale.ROOT, "  loss %.5g", loss));
        line.append("  ETA ").append(stepsPerSecond > 0 ? eta((totalSteps - step) / stepsPerSecond) : "unknown");
        return line.toString();
    }

    private static String eta(double seconds) {
        long whole = Math.max(0, Math.round(seconds));
        long days = whole / 86_400;
        String clock = String.format(Locale.ROOT, "%02d:%02d:%02d", whole / 3600 % 24, whole / 60 % 60, whole % 60);
        return days > 0 ? days + "d " + clock : clock;
    }
}
