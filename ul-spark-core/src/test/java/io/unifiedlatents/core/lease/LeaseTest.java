package io.unifiedlatents.core.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LeaseTest {
    private static final LeaseTerms WAIT = new LeaseTerms(1, false);
    private static final LeaseTerms TAKE_OVER = new LeaseTerms(1, true);

    @TempDir
    Path folder;

    private Storage output;
    private LeaseRecords records;

    @BeforeEach
    void open() throws IOException {
        output = Storage.at(folder.toUri().toString(), new Configuration());
        records = new LeaseRecords(output);
    }

    private Lease take(LeaseTerms terms) throws IOException, InterruptedException {
        return Lease.take(output, terms, "app-1", () -> {});
    }

    /** A lease whose holder was killed when it had just taken it. */
    private void abandoned(long number, int seconds) throws IOException {
        records.publish(LeaseRecords.newName(number), LeaseRecord.taken(number, "node7", "app-7", seconds));
    }

    private static double seconds(Callable<?> call) throws Exception {
        long begin = System.nanoTime();
        call.call();
        return 1e-9 * (System.nanoTime() - begin);
    }

    @Test
    void aLeaseThatIsRenewedIsRefusedAndOneThatIsReleasedIsTakenAtOnce() throws Exception {
        String host = java.net.InetAddress.getLocalHost().getHostName();
        try (Lease lease = take(WAIT)) {
            assertThat(lease.number()).isEqualTo(1);
            assertThatThrownBy(() -> take(WAIT))
                    .isInstanceOf(LeaseException.class)
                    .hasMessageStartingWith(output + " is written by another job: lease 1 is held by "
                            + System.getProperty("user.name") + " on " + host + " (process "
                            + ProcessHandle.current().pid() + ", application app-1) since ")
                    .hasMessageEndingWith(" and was renewed just now; it may be taken over when it has not been renewed"
                            + " for 1 s. Wait for that job to end, or make sure that it is dead and add --take-over");
            lease.fence().check();
        }
        double seconds = seconds(() -> {
            take(WAIT).close();
            return null;
        });
        assertThat(seconds).isLessThan(0.5); // a lease that is not released takes a second
        assertThat(records.names()).hasSize(2);
    }

    @Test
    void anAbandonedLeaseIsTakenWhenItsOwnTimeIsOver() throws Exception {
        abandoned(41, 2); // it said two seconds; that the contender's own leases last one does not matter
        List<Long> numbers = new ArrayList<>();
        double seconds = seconds(() -> {
            try (Lease lease = take(WAIT)) {
                return numbers.add(lease.number());
            }
        });
        assertThat(numbers).containsExactly(42L);
        assertThat(seconds).isBetween(2.0, 4.0); // polls are 50 ms apart; the rest is for a busy machine
    }

    @Test
    void aRecordThatIsCutIsWaitedForAsLongAsAnOwnOne() throws Exception {
        output.publish("_lease/" + LeaseRecords.newName(3), "{\"number\":");
        double seconds = seconds(() -> {
            try (Lease lease = take(WAIT)) {
                return assertThat(lease.number()).isEqualTo(4);
            }
        });
        assertThat(seconds).isBetween(1.0, 3.0);
    }

    @Test
    void aLeaseTakenOverIsLostAndSaysToWhom() throws Exception {
        CountDownLatch lost = new CountDownLatch(1);
        Lease first = Lease.take(output, WAIT, "app-1", lost::countDown);
        try (Lease second = Lease.take(output, TAKE_OVER, "app-2", () -> {})) {
            assertThat(second.number()).isEqualTo(2);
            assertThatThrownBy(first.fence()::check)
                    .isInstanceOf(LeaseException.class)
                    .hasMessageStartingWith(
                            "this job no longer writes to " + output + ": its lease 1 was not renewed in"
                                    + " time or was taken over with --take-over, and lease 2 is held by ")
                    .hasMessageContaining("application app-2)")
                    .hasMessageEndingWith("let the other one go on, or end it and start this one again");
            assertThat(lost.await(10, TimeUnit.SECONDS)).isTrue();
            first.close();
            second.fence().check();
        }
    }

    /** The numbers of leases grow in the order in which they were taken, whoever takes them from whom. */
    @Test
    void thoseWhoTakeOverFromEachOtherNeverShareANumber() throws Exception {
        List<Long> numbers = Collections.synchronizedList(new ArrayList<>());
        List<Lease> leases = Collections.synchronizedList(new ArrayList<>());
        contend(5, () -> {
            for (int i = 0; i < 4; i++) {
                Lease lease = take(TAKE_OVER);
                leases.add(lease);
                numbers.add(lease.number());
            }
            return null;
        });
        assertThat(numbers).hasSize(20).doesNotHaveDuplicates();
        long newest = Collections.max(numbers);
        for (Lease lease : leases) {
            if (lease.number() == newest) {
                lease.fence().check();
            } else {
                assertThatThrownBy(lease.fence()::check).isInstanceOf(LeaseException.class);
            }
            lease.close();
        }
    }

    @Test
    void ofThoseWhoWaitOneAtATimeHoldsTheLease() throws Exception {
        AtomicInteger holders = new AtomicInteger();
        List<Long> numbers = Collections.synchronizedList(new ArrayList<>());
        contend(4, () -> {
            for (int i = 0; i < 3; ) {
                try (Lease lease = take(WAIT)) {
                    assertThat(holders.incrementAndGet()).isEqualTo(1);
                    numbers.add(lease.number());
                    i++;
                    TimeUnit.MILLISECONDS.sleep(5); // work
                    holders.decrementAndGet();
                } catch (LeaseException e) {
                    // another one renewed it meanwhile; again
                }
            }
            return null;
        });
        assertThat(numbers).hasSize(12).isSorted().doesNotHaveDuplicates();
    }

    private static void contend(int threads, Callable<?> task) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                all.add(pool.submit(task));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            pool.shutdownNow();
        }
    }
}
