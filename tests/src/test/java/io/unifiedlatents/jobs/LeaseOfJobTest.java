package io.unifiedlatents.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.unifiedlatents.core.lease.Lease;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.storage.Storage;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A job beside another one that writes to the same directory. */
@Timeout(120)
class LeaseOfJobTest {
    private static final Map<String, String> SPARK = Map.of(
            "spark.master", "local[2]",
            "spark.ui.enabled", "false",
            "spark.driver.host", "127.0.0.1",
            "spark.driver.bindAddress", "127.0.0.1");

    @TempDir
    private Path directory;

    @Test
    void isRefusedWhileTheOtherRenewsItsLeaseAndMayTakeItOver() throws Exception {
        Storage output = Storage.at(directory.resolve("data").toUri().toString(), new Configuration());
        CountDownLatch lost = new CountDownLatch(1);
        try (Lease other = Lease.take(output, new LeaseTerms(1, false), "app-of-the-other", lost::countDown)) {
            assertThat(prepare("--dry-run").exitCode).isZero(); // which writes nothing and needs no lease

            Ended refused = prepare();
            assertThat(refused.exitCode).isEqualTo(Job.USER_ERROR);
            assertThat(refused.errors)
                    .contains(output + " is written by another job: lease 1 is held by ")
                    .contains("application app-of-the-other")
                    .contains("add --take-over");
            assertThat(output.list()).containsExactly("_lease"); // nothing was written

            assertThat(prepare("--take-over").exitCode).isZero();
            assertThat(lost.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(other.lost()).hasMessageContaining("lease 2 is held by ");
        }
        assertThat(output.exists("_prepare.json")).isTrue();
    }

    private record Ended(int exitCode, String errors) {}

    private Ended prepare(String... more) {
        List<String> arguments = new ArrayList<>(List.of(more));
        for (String setting : List.of(
                "prepare.source="
                        + Path.of("../deploy/quickstart-pictures/met-floral")
                                .toAbsolutePath()
                                .normalize(),
                "prepare.output=" + directory.resolve("data"),
                "prepare.height=16",
                "prepare.width=16",
                "prepare.holdoutFraction=0",
                "cluster.leaseSeconds=2")) {
            arguments.addAll(List.of("--set", setting));
        }
        PrintStream before = System.err;
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        SPARK.forEach(System::setProperty);
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        try {
            int exitCode = Job.execute(new PrepareImages(), arguments.toArray(new String[0]));
            return new Ended(exitCode, errors.toString(StandardCharsets.UTF_8));
        } finally {
            System.setErr(before);
            SPARK.keySet().forEach(System::clearProperty);
        }
    }
}
