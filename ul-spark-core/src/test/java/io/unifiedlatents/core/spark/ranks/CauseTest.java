package io.unifiedlatents.core.spark.ranks;

import static org.assertj.core.api.Assertions.assertThat;

import io.unifiedlatents.core.collective.PeerLostException;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.train.NonFiniteException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.security.AccessControlException;
import org.junit.jupiter.api.Test;

class CauseTest {
    private static PeerLostException lost() {
        return new PeerLostException(1, "127.0.0.1:4000", "all-gather", "step 7", "it closed the connection", null);
    }

    @Test
    void anExceptionIsClassifiedByTheCauseThatTells() {
        Map<Throwable, Cause> expected = new HashMap<>(Map.of(
                new ConfigException("x"),
                Cause.USER,
                new CorruptDataException("x"),
                Cause.DATA,
                new NonFiniteException("x"),
                Cause.NUMERICS,
                new OutOfMemoryError("Java heap space"),
                Cause.MEMORY,
                new RuntimeException("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
                Cause.MEMORY,
                new IOException("a checkpoint could not be written", new IOException("No space left on device")),
                Cause.STORAGE,
                new IllegalStateException("step failed", new RuntimeException("CUDA error: an illegal memory access")),
                Cause.HARDWARE,
                lost(),
                Cause.NETWORK,
                new IllegalStateException("no such thing"),
                Cause.INTERNAL));
        // what S3A makes of missing or refused credentials, HDFS of a user without rights, a local disk of both
        expected.put(new AccessDeniedException("s3a://bucket/run", null, "Forbidden"), Cause.USER);
        expected.put(new AccessControlException("Permission denied: user=nobody"), Cause.USER);
        expected.put(new FileNotFoundException("/data/shard-000000.parquet (Permission denied)"), Cause.USER);
        expected.put(new FileNotFoundException("File /data/shard-000000.parquet does not exist"), Cause.DATA);
        expected.forEach((thrown, cause) -> assertThat(Cause.of(new IllegalStateException("wrapped", thrown)))
                .isEqualTo(cause));
    }

    @Test
    void onlyWhatMayHealIsTriedAgain() {
        for (Cause cause : Cause.values()) {
            boolean expected = switch (cause) {
                case HARDWARE, NETWORK, PREEMPTION -> true;
                case USER, DATA, NUMERICS, MEMORY, STORAGE, INTERNAL -> false;
            };
            assertThat(cause.healable()).as(cause.name()).isEqualTo(expected);
        }
    }

    @Test
    void sparksReasonsForLostExecutorsAreRead() {
        assertThat(Cause.ofLostExecutor("Command exited with code 137")).isEqualTo(Cause.HARDWARE);
        assertThat(Cause.ofLostExecutor("worker lost: Not receiving heartbeat")).isEqualTo(Cause.HARDWARE);
        assertThat(Cause.ofLostExecutor("Command exited with code 143")).isEqualTo(Cause.PREEMPTION);
        assertThat(Cause.ofLostExecutor("Executor decommission: spot")).isEqualTo(Cause.PREEMPTION);
        assertThat(Cause.ofLostExecutor("Command exited with code 52")).isEqualTo(Cause.MEMORY);
        assertThat(Cause.ofLostExecutor("The executor with id 3 was OOMKilled")).isEqualTo(Cause.MEMORY);
        assertThat(Cause.ofLostExecutor("Container killed by YARN for exceeding memory limits"))
                .isEqualTo(Cause.MEMORY);
    }

    @Test
    void ranksThatStopBecauseOthersDidAreToldApart() {
        assertThat(Cause.isConsequence(new IOException("failed", lost()))).isTrue();
        assertThat(Cause.isConsequence(new IOException("aborted", new InterruptedException())))
                .isTrue();
        assertThat(Cause.isConsequence(new IOException("store is down"))).isFalse();
    }
}
