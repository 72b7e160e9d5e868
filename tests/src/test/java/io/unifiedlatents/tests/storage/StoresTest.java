package io.unifiedlatents.tests.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.unifiedlatents.core.checkpoint.CheckpointHeader;
import io.unifiedlatents.core.checkpoint.CheckpointManifest;
import io.unifiedlatents.core.checkpoint.CheckpointWriter;
import io.unifiedlatents.core.checkpoint.Checkpoints;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.collective.Partition;
import io.unifiedlatents.core.collective.SoloCollective;
import io.unifiedlatents.core.data.Ledger;
import io.unifiedlatents.core.lease.Lease;
import io.unifiedlatents.core.lease.LeaseException;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.lease.WriterId;
import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.PendingFile;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds on a local disk holds on a real HDFS and a real S3 server. */
@ParameterizedClass
@ValueSource(strings = {"file", "hdfs", "s3a"})
@Timeout(300)
class StoresTest {
    private static final int SIZE = 1001;
    private static final CheckpointHeader HEADER = new CheckpointHeader(
            "layout", List.of(), "script", "identity", JsonNodeFactory.instance.objectNode(), Map.of());

    @TempDir
    private static Path directory;

    private static final Configuration CONF = new Configuration();
    private static MiniDFSCluster hdfs;
    private static S3Server s3;

    @Parameter
    private String scheme;

    private Storage storage;
    private Checkpoints checkpoints;

    @BeforeAll
    static void startServers() throws Exception {
        if (s3 == null) {
            s3 = S3Server.start(directory, "stores");
            s3.settings().forEach(CONF::set);
            hdfs = new MiniDFSCluster.Builder(CONF, directory.resolve("hdfs").toFile())
                    .numDataNodes(1)
                    .build();
        }
    }

    @AfterAll
    static void stopServers() {
        hdfs.close();
        s3.close();
    }

    @BeforeEach
    void open(TestInfo test) throws IOException {
        String name = test.getTestMethod().orElseThrow().getName();
        String root = switch (scheme) {
            case "file" -> directory.resolve(name).toUri().toString();
            case "hdfs" -> hdfs.getURI() + "/" + name;
            default -> s3.uri(name);
        };
        storage = Storage.at(root, CONF);
        checkpoints = Checkpoints.at(storage);
    }

    @Test
    void filesArePublishedReplacedListedAndDeleted() throws IOException {
        assertThat(storage.list()).isEmpty();
        for (String content : List.of("old", "new", "")) {
            storage.publish("a/b/file", content);
            assertThat(storage.readText("a/b/file")).isEqualTo(content);
        }
        storage.publish("a/file", "x");
        try (PendingFile abandoned = storage.begin("a/file")) {
            abandoned.write("abandoned".getBytes(StandardCharsets.UTF_8));
            try (PendingFile file = storage.begin("a/file")) {
                file.write("yz".getBytes(StandardCharsets.UTF_8));
                assertThat(storage.readText("a/file")).isEqualTo("x");
                file.commit();
            }
        }
        assertThat(storage.readText("a/file")).isEqualTo("yz");
        assertThat(storage.length("a/file")).isEqualTo(2);
        assertThat(storage.directory("a").list()).containsExactly("b", "file");
        assertThat(storage.exists("a/b")).isTrue();
        storage.delete("a");
        storage.delete("a");
        assertThat(storage.exists("a/b/file")).isFalse();
        assertThat(storage.directory("a").list()).isEmpty();
    }

    @Test
    void aCheckpointCountsWhenItsManifestIsThereAndOldOnesGo() throws IOException {
        List<List<Long>> before = new ArrayList<>();
        for (long step = 10; step <= 50; step += 10) {
            write(step, () -> before.add(checkpoints.committed()));
        }
        assertThat(before)
                .containsExactly(List.of(), List.of(10L), List.of(10L, 20L), List.of(20L, 30L), List.of(20L, 30L, 40L));
        assertThat(checkpoints.committed()).containsExactly(20L, 40L, 50L); // the newest two, and every 20th
        assertThat(checkpoints.newest().orElseThrow().step()).isEqualTo(50);
        assertThat(values(50)).isEqualTo(state(50));
    }

    @Test
    void whatFailedAttemptsLeftBehindIsRemoved() throws IOException {
        write(10, () -> {});
        write(20, () -> {});
        storage.delete("checkpoints/step-000000000020/manifest.json"); // as if the writer had died before it
        assertThat(checkpoints.newestReadable().orElseThrow().step()).isEqualTo(10);
        writer(checkpoints, checkpoints.manifest(10)).close();
        assertThat(storage.directory("checkpoints").list()).containsExactly("step-000000000010");
    }

    @Test
    void aDamagedCheckpointIsNamedAndThePreviousOneUsed() throws IOException {
        for (String damage : List.of("cut", "altered", "missing", "manifest")) {
            write(10, () -> {});
            write(20, () -> {});
            CheckpointManifest manifest = checkpoints.manifest(20);
            String file = "checkpoints/step-000000000020/"
                    + (damage.equals("manifest") ? "manifest.json" : "shard-00000-of-00001.safetensors");
            byte[] content = storage.read(file);
            switch (damage) {
                case "missing" -> storage.delete(file);
                case "altered" -> {
                    content[content.length - 1] ^= 1;
                    overwrite(file, content);
                }
                default -> overwrite(file, Arrays.copyOf(content, content.length / 2));
            }
            assertThatThrownBy(() -> {
                        checkpoints.manifest(20);
                        Checkpoints.at(storage).read(manifest, "ema", 0, SIZE, FloatVector.allocate(SIZE));
                    })
                    .as(damage)
                    .isInstanceOf(CorruptDataException.class)
                    .hasMessageStartingWith(storage.path(file).toString())
                    .hasMessageEndingWith("; resume from an earlier checkpoint");
            Checkpoints again = Checkpoints.at(storage);
            assertThat(again.newestReadable().orElseThrow().step()).as(damage).isEqualTo(10);
        }
    }

    private void overwrite(String file, byte[] content) throws IOException {
        try (FSDataOutputStream out = storage.create(file)) {
            out.write(content);
        }
    }

    /** Where two write at once, one of them is stopped or what it writes does not count. */
    @Test
    void ofTwoWritersAtOnceTheNewerOneCounts() throws Exception {
        write(10, () -> {});
        CheckpointManifest start = checkpoints.manifest(10);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (int round = 1; round <= 5; round++) {
                List<Future<?>> writers = new ArrayList<>();
                for (int attempt : List.of(1, 2)) {
                    Checkpoints own = Checkpoints.at(storage, new WriterId(round, attempt));
                    writers.add(threads.submit(() -> {
                        try (CheckpointWriter writer = writer(own, start)) {
                            writer.save(20, 80, Map.of("ema", FloatVector.copyOf(state(20 + attempt))), () -> {});
                            writer.finish();
                        } catch (IOException | LeaseException e) {
                            assertThat(attempt).as(e.toString()).isEqualTo(1); // nothing disturbs the newer one
                        }
                    }));
                }
                for (Future<?> writer : writers) {
                    writer.get();
                }
                CheckpointManifest newest =
                        Checkpoints.at(storage).newestReadable().orElseThrow();
                assertThat(newest.writer()).isEqualTo(new WriterId(round, 2));
                assertThat(values(20)).isEqualTo(state(22));
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void leasesTakenAtOnceFromManyPlacesHaveNumbersOfTheirOwn() throws Exception {
        List<Long> numbers = Collections.synchronizedList(new ArrayList<>());
        List<Lease> leases = Collections.synchronizedList(new ArrayList<>());
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> takers = new ArrayList<>();
            for (int taker = 0; taker < 4; taker++) {
                takers.add(threads.submit(() -> {
                    for (int i = 0; i < 3; i++) {
                        Lease lease = Lease.take(storage, new LeaseTerms(60, true), "app", () -> {});
                        numbers.add(lease.number());
                        leases.add(lease);
                    }
                    return null;
                }));
            }
            for (Future<?> taker : takers) {
                taker.get();
            }
            assertThat(numbers).hasSize(12).doesNotHaveDuplicates();
            long newest = Collections.max(numbers);
            for (Lease lease : leases) {
                if (lease.number() == newest) {
                    lease.fence().check();
                } else {
                    assertThatThrownBy(lease.fence()::check).hasMessageContaining("lease " + newest + " is held by ");
                }
            }
        } finally {
            threads.shutdownNow();
            leases.forEach(Lease::close);
        }
        try (Lease next = Lease.take(storage, new LeaseTerms(60, false), "app", () -> {})) { // released: no waiting
            assertThat(next.number()).isGreaterThan(Collections.max(numbers));
        }
    }

    @Test
    void publishingAtOnceFromManyPlacesShowsWholeFilesOnly() throws Exception {
        assumeFalse(scheme.equals("s3a"), "this server, unlike S3, shows new content before its new length");
        ExecutorService threads = Executors.newFixedThreadPool(3);
        List<String> contents = List.of("a".repeat(100_000), "b".repeat(200_000));
        storage.publish("file", contents.get(0));
        try {
            List<Future<?>> writers = new ArrayList<>();
            for (String content : contents) {
                writers.add(threads.submit(() -> {
                    for (int i = 0; i < 10; i++) {
                        storage.publish("file", content);
                    }
                    return null;
                }));
            }
            while (writers.stream().anyMatch(writer -> !writer.isDone())) {
                assertThat(storage.readText("file")).isIn(contents);
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(storage.list()).containsExactly("file");
    }

    @Test
    void theLedgerIsPublishedReplacedAndRead() throws IOException {
        Ledger ledger = new Ledger(storage);
        Ledger.Recipe recipe = new Ledger.Recipe("hash", 1, 2, 4, 4);
        ledger.publish(recipe, 0, List.of(1L, 2L));
        ledger.publish(recipe, 2, List.of(3L));
        ledger.publish(recipe, 2, List.of(3L)); // repeated after a failure
        assertThat(ledger.read()).hasSize(3);
        String name = "ledger/000000000002-000000000003.json";
        storage.publish(name, storage.readText(name).substring(9));
        assertThatThrownBy(ledger::read)
                .isInstanceOf(CorruptDataException.class)
                .hasMessageStartingWith("ledger " + storage.path(name));
    }

    private static CheckpointWriter writer(Checkpoints checkpoints, @Nullable CheckpointManifest resumed)
            throws IOException {
        return new CheckpointWriter(
                checkpoints,
                new SoloCollective(),
                new Partition(SIZE, 1),
                HEADER,
                new CheckpointWriter.Retention(2, 20),
                resumed);
    }

    private void write(long step, CheckpointWriter.Publication before) throws IOException {
        CheckpointManifest resumed = step == 10 ? null : checkpoints.manifest(step - 10);
        try (CheckpointWriter writer = writer(checkpoints, resumed)) {
            writer.save(step, 4 * step, Map.of("ema", FloatVector.copyOf(state(step))), before);
            writer.finish();
        }
    }

    private static float[] state(long step) {
        float[] state = new float[SIZE];
        Arrays.fill(state, (float) step);
        return state;
    }

    private float[] values(long step) throws IOException {
        FloatVector into = FloatVector.allocate(SIZE);
        checkpoints.read(checkpoints.manifest(step), "ema", 0, SIZE, into);
        return into.toArray();
    }
}
