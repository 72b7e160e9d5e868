package io.unifiedlatents.core.torchscript;

import io.unifiedlatents.core.config.Check;
import java.nio.FloatBuffer;
import java.util.SplittableRandom;

/** How a parameter starts. Records, so that a layout can be compared and described. */
public sealed interface Initializer {
    /** Every value the same. */
    record Constant(float value) implements Initializer {}

    /** Normal with mean zero and the given standard deviation. */
    record Normal(double std) implements Initializer {
        /** Checks the deviation. */
        public Normal {
            Check.argument(std >= 0 && Double.isFinite(std), "std=%s must be finite and >= 0", std);
        }
    }

    /** All zeros: outputs that start as "no change". */
    static Initializer zeros() {
        return new Constant(0);
    }

    /** All ones: gains. */
    static Initializer ones() {
        return new Constant(1);
    }

    /** Keeps the variance of the signal through a layer with so many inputs: normal with std gain / √fanIn. */
    static Initializer fanIn(double gain, long fanIn) {
        return new Normal(gain / Math.sqrt((double) fanIn));
    }

    /** Fills {@code target} with the start values that belong to {@code seed}. */
    default void fill(FloatBuffer target, long seed) {
        if (this instanceof Constant constant) {
            while (target.hasRemaining()) {
                target.put(constant.value());
            }
        } else if (this instanceof Normal normal) {
            SplittableRandom random = new SplittableRandom(seed);
            while (target.hasRemaining()) {
                target.put((float) (normal.std() * random.nextGaussian()));
            }
        }
    }
}
