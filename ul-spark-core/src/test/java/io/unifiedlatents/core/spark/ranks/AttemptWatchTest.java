package io.unifiedlatents.core.spark.ranks;

import static org.assertj.core.api.Assertions.assertThat;

import io.unifiedlatents.core.collective.PeerLostException;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.telemetry.PhaseTimer.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the driver makes of the messages of two ranks. */
class AttemptWatchTest {
    private AttemptWatch watch;

    @BeforeEach
    void bothRanksTrain() {
        watch = new AttemptWatch("attempt-1", 60);
        watch.accept(beat(0));
        watch.accept(beat(1));
    }

    private static RuntimeException aborted() {
        return new IllegalStateException("Job aborted due to stage failure");
    }

    private static Heartbeat beat(int rank) {
        return new Heartbeat(new RankId("attempt-1", rank, "host" + rank, "executor" + rank, "cpu"), 12, Phase.COMPUTE);
    }

    private static RankFailure lost(int rank, int peer) {
        return RankFailure.of(
                beat(rank), new PeerLostException(peer, "host:1", "all-gather", "step 12", "connection closed", null));
    }

    @Test
    void aRankWithAReasonOfItsOwnIsTheFirstToFail() throws Exception {
        watch.accept(lost(0, 1)); // came first, but only because rank 1 had gone
        watch.accept(RankFailure.of(beat(1), new ConfigException("prior.heads=3 does not divide prior.width=16")));
        RankFailure reason = watch.reason(aborted());
        assertThat(reason.cause()).isEqualTo(Cause.USER);
        assertThat(reason.line())
                .isEqualTo("rank 1 on host1 (executor executor1, cpu) failed (user) after step 12, in compute:"
                        + " prior.heads=3 does not divide prior.width=16");
    }

    @Test
    void aProcessThatIsGoneIsNamedWithSparksReason() throws Exception {
        watch.accept(lost(0, 1));
        watch.onExecutorRemoved(new SparkListenerExecutorRemoved(1L, "executor1", "Command exited with code 137"));
        RankFailure reason = watch.reason(aborted());
        assertThat(reason.at().rank().rank()).isEqualTo(1);
        assertThat(reason.cause()).isEqualTo(Cause.HARDWARE);
        assertThat(reason.message()).isEqualTo("process lost: Command exited with code 137");
    }

    @Test
    void withoutAnotherReasonThePeerThatWasLostIsTheNetworks() throws Exception {
        watch.accept(lost(0, 1));
        watch.accept(lost(1, 0));
        RankFailure reason = watch.reason(aborted());
        assertThat(reason.cause()).isEqualTo(Cause.NETWORK);
        assertThat(reason.at().rank().rank()).isEqualTo(1); // lost by the first that failed
    }

    @Test
    void messagesOfEarlierAttemptsAreLeftAlone() throws Exception {
        RankId old = new RankId("attempt-0", 1, "host1", "executor1", "cpu");
        watch.accept(RankFailure.of(new Heartbeat(old, 3, Phase.DATA), new ConfigException("old")));
        watch.accept(new Termination.Notice(old));
        assertThat(watch.leaving()).isEmpty();
        assertThat(watch.reason(aborted()).cause()).isEqualTo(Cause.INTERNAL);
    }

    @Test
    void aSilentRankIsFoundOnce() throws Exception {
        AttemptWatch strict = new AttemptWatch("attempt-1", 0); // any silence is too long
        strict.accept(beat(1));
        List<RankFailure> found = new ArrayList<>();
        strict.check(found::add);
        strict.check(found::add);
        assertThat(found).hasSize(1);
        assertThat(found.get(0).message()).isEqualTo("no heartbeat for 0 s, limit cluster.stallSeconds=0");
        assertThat(strict.reason(aborted())).isEqualTo(found.get(0));
    }

    /** Ranks beat every second, at a step and in a phase, for some seconds from {@code from} on. */
    private static void beatFor(
            AttemptWatch strict, AtomicLong clock, int seconds, long step, Phase phase, List<RankFailure> found) {
        for (int i = 0; i < seconds; i++) {
            clock.addAndGet(1_000_000_000);
            for (int rank = 0; rank < 2; rank++) {
                strict.accept(new Heartbeat(beat(rank).rank(), step, phase));
            }
            strict.check(found::add);
        }
    }

    @Test
    void aLongEvaluationIsNoStandstillAndDoesNotMakeTheWatchMorePatientWithSteps() {
        AtomicLong clock = new AtomicLong();
        AttemptWatch strict = new AttemptWatch("attempt-1", 60, clock::get);
        List<RankFailure> found = new ArrayList<>();
        beatFor(strict, clock, 2, 11, Phase.COMPUTE, found);
        beatFor(strict, clock, 599, 12, Phase.EVALUATION, found);
        beatFor(strict, clock, 2, 13, Phase.COMPUTE, found);
        assertThat(found).isEmpty();
        beatFor(strict, clock, 60, 13, Phase.COMPUTE, found);
        assertThat(found).extracting(RankFailure::message).containsExactly("no step for 61 s, limit 60 s");
    }

    @Test
    void anEvaluationThatNeverEndsIsAStandstill() {
        AtomicLong clock = new AtomicLong();
        AttemptWatch strict = new AttemptWatch("attempt-1", 60, clock::get);
        List<RankFailure> found = new ArrayList<>();
        beatFor(strict, clock, 602, 12, Phase.EVALUATION, found);
        assertThat(found).extracting(RankFailure::message).containsExactly("no step for 601 s, limit 600 s");
        assertThat(found.get(0).line()).contains("in evaluation");
    }

    @Test
    void executorsToldToGoAreRemembered() {
        watch.accept(new Termination.Notice(beat(1).rank()));
        assertThat(watch.leaving()).containsExactly("executor1");
    }
}
