package io.unifiedlatents.core.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.unifiedlatents.core.telemetry.PhaseTimer.Phase;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class ProgressTest {
    private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");

    @Test
    void lineTellsRateAndTimeLeft() {
        Progress progress = new Progress(10_000, 64);
        assertThat(progress.line(1_000, START, 1_500, START.plusSeconds(250), 4.25, 17.5))
                .isEqualTo("step 1,500/10,000 (15.0 %)  128.0 img/s  4.2500 bits/pixel  loss 17.500  ETA 01:10:50");
        assertThat(progress.line(0, START, 10, START.plusSeconds(1000), Double.NaN, 0.5))
                .isEqualTo("step 10/10,000 (0.1 %)  0.6 img/s  loss 0.50000  ETA 11d 13:30:00");
    }

    @Test
    void lineWithoutElapsedTimeHasNoTimeLeft() {
        assertThat(new Progress(10, 1).line(0, START, 0, START, Double.NaN, 1))
                .isEqualTo("step 0/10 (0.0 %)  0.0 img/s  loss 1.0000  ETA unknown");
    }

    @Test
    void timerAddsSpansPerPhaseAndStartsAgain() {
        AtomicLong clock = new AtomicLong(100);
        PhaseTimer timer = new PhaseTimer(clock::get);
        for (int i = 0; i < 2; i++) {
            try (PhaseTimer.Span span = timer.span(Phase.DATA)) {
                assertThat(span).isNotNull();
                clock.addAndGet(7);
            }
        }
        timer.add(Phase.CHECKPOINT, 5);
        assertThat(timer.snapshotAndReset())
                .containsEntry(Phase.DATA, 14L)
                .containsEntry(Phase.COMPUTE, 0L)
                .containsEntry(Phase.COMMUNICATION, 0L)
                .containsEntry(Phase.CHECKPOINT, 5L);
        assertThat(timer.snapshotAndReset().values()).containsOnly(0L);
    }

    @Test
    void theConsoleGivesItsLinesToListenersUntilTheyAreClosed() {
        List<String> lines = new CopyOnWriteArrayList<>();
        try (Console.Listening listening = Console.listen(lines::add)) {
            assertThat(listening).isNotNull();
            Console.println("100 % done");
            Console.printf("step %,d", 1_000);
        }
        Console.println("not heard");
        assertThat(lines).containsExactly("100 % done", "step 1,000");
    }
}
