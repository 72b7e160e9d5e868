package io.unifiedlatents.core.spark.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.unifiedlatents.core.telemetry.PhaseTimer.Phase;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StragglersTest {
    private static Stragglers.Phases phases(int rank, double data, double compute, double communication) {
        return new Stragglers.Phases(
                rank, 100, Map.of(Phase.DATA, data, Phase.COMPUTE, compute, Phase.COMMUNICATION, communication));
    }

    @Test
    void theRankThatOthersWaitForIsNamedWithItsPhase() {
        Stragglers stragglers = new Stragglers(3);
        assertThat(stragglers.accept(phases(0, 0.1, 8, 1.9))).isEmpty();
        assertThat(stragglers.accept(phases(2, 0.1, 8, 1.9))).isEmpty();
        assertThat(stragglers.accept(phases(1, 1.9, 8, 0.1)))
                .containsExactly("rank 1 is slow: 1.90 s of data up to step 100, the median of the ranks is 0.10 s");
    }

    @Test
    void smallDifferencesAndWaitingForOthersAreNoFault() {
        Stragglers stragglers = new Stragglers(2);
        assertThat(stragglers.accept(phases(0, 0.4, 8.0, 1.6))).isEmpty();
        assertThat(stragglers.accept(phases(1, 0.1, 9.0, 0.9))).isEmpty(); // 0.3 of 10 s of data, 12 % of compute
    }

    @Test
    void judgingMorePicturesThanOthersAndDrawingTheGridIsNoFault() {
        Stragglers stragglers = new Stragglers(2);
        assertThat(stragglers.accept(new Stragglers.Phases(0, 100, Map.of(Phase.EVALUATION, 9.0))))
                .isEmpty();
        assertThat(stragglers.accept(new Stragglers.Phases(1, 100, Map.of(Phase.EVALUATION, 1.0))))
                .isEmpty();
    }
}
