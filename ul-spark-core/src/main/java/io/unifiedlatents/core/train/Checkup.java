package io.unifiedlatents.core.train;

import io.unifiedlatents.core.collective.Collective;
import java.io.IOException;
import java.nio.FloatBuffer;

/**
 * A look at the moving average between two steps. It changes nothing that training reads and draws none of its random
 * numbers: a run with it has the weights of a run without.
 */
public interface Checkup {
    /** Steps from one to the next; 0: never. */
    int every();

    /**
     * Looks; every rank takes part.
     *
     * @param step steps done
     * @param average all of the moving average, in the order of the layout; valid during the call
     * @param collective of the attempt
     */
    void run(long step, FloatBuffer average, Collective collective) throws IOException;

    /** Whether it is time; the last step of a run always is, unless it is never. */
    default boolean isDue(long step, boolean last) {
        return every() > 0 && (last || step % every() == 0);
    }

    /** A checkup that is never due. */
    static Checkup never() {
        return new Checkup() {
            @Override
            public int every() {
                return 0;
            }

            @Override
            public void run(long step, FloatBuffer average, Collective collective) {
                // nothing to look at
            }
        };
    }
}
