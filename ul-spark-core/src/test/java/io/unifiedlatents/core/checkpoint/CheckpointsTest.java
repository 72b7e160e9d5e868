package io.unifiedlatents.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.collective.Floats;
import io.unifiedlatents.core.collective.Partition;
import io.unifiedlatents.core.collective.Ranks;
import io.unifiedlatents.core.collective.SoloCollective;
import io.unifiedlatents.core.collective.gpu.DeviceFloats;
import io.unifiedlatents.core.collective.gpu.FakeGpu;
import io.unifiedlatents.core.lease.LeaseException;
import io.unifiedlatents.core.lease.WriterId;
import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class CheckpointsTest {
    private static final int SIZE = 1001;
    private static final CheckpointHeader HEADER = new CheckpointHeader(
            "layout-1",
            List.of(new CheckpointHeader.Parameter("layer.weight", List.of(7L, 143L))),
            "script-1",
            "identity-1",
            JsonNodeFactory.instance.objectNode().put("name", "test"),
            Map.of("seed", "7"));

    @TempDir
    Path folder;

    private Storage storage;
    private Checkpoints checkpoints;

    @BeforeEach
    void open() throws IOException {
        storage = Storage.at(folder.toUri().toString(), new Configuration());
        checkpoints = Checkpoints.at(storage);
    }

    @Test
    void aNewRunHasNone() throws IOException {
        assertThat(checkpoints.committed()).isEmpty();
        assertThat(checkpoints.newest()).isEmpty();
        assertThat(checkpoints.newestReadable()).isEmpty();
        assertThat(checkpoints.retain(1, 0)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void whatTwoRanksWroteAnyNumberOfRanksReads(int readers) throws Exception {
        write(100, 2);
        CheckpointManifest manifest = checkpoints.newestReadable().orElseThrow();
        assertThat(manifest.step()).isEqualTo(100);
        assertThat(manifest.worldSize()).isEqualTo(2);
        assertThat(manifest.vectors()).isEqualTo(Map.of("parameters", (long) SIZE, "ema", (long) SIZE));
        assertThat(manifest.layoutHash()).isEqualTo("layout-1");
        assertThat(manifest.config()).isEqualTo(HEADER.config());
        assertThat(manifest.extra()).isEqualTo(HEADER.extra());
        assertThat(manifest.files()).hasSize(2);

        Partition partition = new Partition(SIZE, readers);
        for (int rank = 0; rank < readers; rank++) {
            int begin = (int) partition.begin(rank);
            int end = (int) partition.end(rank);
            for (String vector : List.of("parameters", "ema")) {
                FloatVector into = FloatVector.allocate(end - begin);
                checkpoints.read(manifest, vector, begin, end, into);
                assertThat(into.toArray()).isEqualTo(Arrays.copyOfRange(values(vector, 100), begin, end));
            }
        }
    }

    @Test
    void moreRanksThanValuesWriteEmptyShards() throws Exception {
        List<Collective> ring = Ranks.ring(3, Duration.ofSeconds(30));
        Partition partition = new Partition(5, 3);
        Ranks.run(ring, c -> {
            long length = partition.end(c.rank()) - partition.begin(c.rank());
            write(c, partition, 1, Map.of("a", FloatVector.allocate(length)));
            return 0;
        });
        FloatVector into = FloatVector.copyOf(new float[] {1, 2, 3, 4, 5});
        checkpoints.read(checkpoints.newestReadable().orElseThrow(), "a", 0, 5, into);
        assertThat(into.toArray()).containsOnly(0f);
    }

    @Test
    void stateOnAGpuIsWrittenAndReadByWayOfTheHost() throws Exception {
        FloatVector values = FloatVector.copyOf(new float[] {1, 2, 3, 4, 5});
        DeviceFloats state = FakeGpu.copy(FakeGpu.open(0), values);
        write(new SoloCollective(), new Partition(5, 1), 1, Map.of("a", state));
        state.set(FloatVector.allocate(5), 0);
        CheckpointManifest manifest = checkpoints.newestReadable().orElseThrow();
        state.range(1, 4).fill(into -> checkpoints.read(manifest, "a", 1, 4, into));
        FloatVector host = FloatVector.allocate(5);
        state.copyTo(host);
        assertThat(host.toArray()).containsExactly(0, 2, 3, 4, 0);
    }

    @Test
    void withoutManifestThereIsNoCheckpoint() throws Exception {
        write(100, 2);
        checkpoints.writeShard(200, 0, new Partition(SIZE, 2), ranges(200, new Partition(SIZE, 2), 0)); // then killed
        assertThat(checkpoints.committed()).containsExactly(100L);
        assertThat(checkpoints.newest().orElseThrow().step()).isEqualTo(100);
        assertThatThrownBy(() -> checkpoints.manifest(200))
                .isInstanceOf(CorruptDataException.class)
                .hasMessage(storage.path("checkpoints/step-000000000200/manifest.json")
                        + ": missing, so step 200 was never committed; resume from an earlier checkpoint");
    }

    @Test
    void aRankThatDiesKeepsTheCheckpointFromBeingCommitted() throws Exception {
        List<Collective> ring = Ranks.ring(2, Duration.ofSeconds(30));
        Partition partition = new Partition(SIZE, 2);
        List<Throwable> failures = Ranks.run(
                ring,
                c -> catchThrowable(() -> {
                    try (CheckpointWriter writer = writer(c, partition)) {
                        if (c.rank() == 1) {
                            c.close();
                            throw new IOException("killed");
                        }
                        writer.save(100, 4L * 100, ranges(100, partition, c.rank()), () -> {});
                        writer.finish();
                    }
                }));
        assertThat(failures).doesNotContainNull();
        assertThat(checkpoints.committed()).isEmpty();
        write(100, 1); // another attempt, of another size, replaces the remains
        assertThat(storage.directory("checkpoints/step-000000000100").list())
                .containsExactly(
                        "manifest.json", "shard-00000-of-00001.safetensors", "shard-00000-of-00001.safetensors.json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"truncated", "altered", "missing", "manifest"})
    void aDamagedCheckpointIsNamedAndThePreviousOneUsed(String damage) throws Exception {
        write(100, 2);
        write(200, 2);
        CheckpointManifest manifest = checkpoints.manifest(200);
        String file = "checkpoints/step-000000000200/shard-00001-of-00002.safetensors";
        byte[] content = storage.read(file);
        String reason = switch (damage) {
            case "truncated" -> {
                storage.publish(file, Arrays.copyOf(content, content.length - 1));
                yield content.length - 1 + " bytes, the manifest lists " + content.length;
            }
            case "altered" -> {
                content[content.length - 5] ^= 1;
                storage.publish(file, content);
                yield "sha256 ";
            }
            case "missing" -> {
                storage.delete(file);
                yield "missing";
            }
            default -> {
                storage.publish("checkpoints/step-000000000200/manifest.json", "{\"formatVersion\":");
                yield "";
            }
        };
        assertThat(checkpoints.newestReadable().orElseThrow().step()).isEqualTo(100);
        if (!damage.equals("altered")) {
            assertThat(checkpoints.newest().orElseThrow().step()).isEqualTo(100);
        }
        if (!damage.equals("manifest")) {
            assertThatThrownBy(() -> checkpoints.read(manifest, "ema", 0, SIZE, FloatVector.allocate(SIZE)))
                    .isInstanceOf(CorruptDataException.class)
                    .hasMessageStartingWith(storage.path(file) + ": " + reason)
                    .hasMessageEndingWith("; resume from an earlier checkpoint");
        }
    }

    @Test
    void ifNoCommittedCheckpointIsReadableTheRunDoesNotStartOverSilently() throws Exception {
        write(100, 1);
        storage.publish("checkpoints/step-000000000100/manifest.json", "{}");
        assertThatThrownBy(checkpoints::newestReadable)
                .isInstanceOf(CorruptDataException.class)
                .hasMessage("none of the checkpoints of steps [100] in " + storage.path("checkpoints")
                        + " is readable; restore one, or remove the directory to start over");
    }

    @Test
    void manifestsThatDoNotCoverTheVectorsAreCorrupt() throws Exception {
        write(100, 2);
        String path = "checkpoints/step-000000000100/manifest.json";
        String sound = storage.readText(path);
        for (Map.Entry<String, String> change : Map.of(
                        "\"begin\" : 512", "\"begin\" : 513",
                        "\"end\" : 1001", "\"end\" : 1000",
                        "\"ema\" : 1001", "\"ema\" : 1002",
                        "\"name\" : \"shard-", "\"name\" : \"../shard-",
                        "\"step\" : 100", "\"step\" : 101",
                        "\"formatVersion\" : 2", "\"formatVersion\" : 3",
                        "\"writer\" : \"0.0\"", "\"writer\" : \"1.1\"",
                        "\"worldSize\" : 2", "\"worldSize\" : 3")
                .entrySet()) {
            assertThat(sound).contains(change.getKey());
            storage.publish(
                    path, sound.replace(change.getKey(), change.getValue()).getBytes(StandardCharsets.UTF_8));
            assertThatThrownBy(() -> checkpoints.manifest(100))
                    .as(change.getValue())
                    .isInstanceOf(CorruptDataException.class)
                    .hasMessageStartingWith(storage.path(path).toString());
        }
    }

    @Test
    void retentionKeepsTheLastAndEveryNth() throws Exception {
        for (long step = 100; step <= 600; step += 100) {
            write(step, 1);
        }
        checkpoints.writeShard(250, 0, new Partition(SIZE, 1), ranges(250, new Partition(SIZE, 1), 0)); // a failed one
        checkpoints.writeShard(700, 0, new Partition(SIZE, 1), ranges(700, new Partition(SIZE, 1), 0)); // under way
        assertThat(checkpoints.retain(2, 300)).containsExactly(100L, 200L, 250L, 400L);
        assertThat(checkpoints.committed()).containsExactly(300L, 500L, 600L);
        assertThat(storage.directory("checkpoints").list()).contains("step-000000000700");
        assertThat(checkpoints.retain(1, 0)).containsExactly(300L, 500L);
    }

    @Test
    void aManifestOfTheFirstFormatIsReadAsThatOfNoWriter() throws Exception {
        write(100, 1);
        String path = "checkpoints/step-000000000100/manifest.json";
        String first = storage.readText(path)
                .replace("\"formatVersion\" : 2", "\"formatVersion\" : 1")
                .replace("\"writer\" : \"0.0\",", "");
        storage.publish(path, first);
        storage.delete("lineage");
        assertThat(first).doesNotContain("writer");
        assertThat(checkpoints.newestReadable().orElseThrow().writer()).isEqualTo(WriterId.NONE);
        Checkpoints next = Checkpoints.at(storage, new WriterId(1, 1)); // goes on from it
        commit(next, checkpoints.manifest(100), 200);
        assertThat(checkpoints.committed()).containsExactly(100L, 200L);
        assertThat(storage.directory("checkpoints").list())
                .containsExactly("step-000000000100", "step-000000000200-1.1");
    }

    @Test
    void aNewWriterGoesOnAndTheOldOneCommitsAndRemovesNothingMore() throws Exception {
        Checkpoints old = Checkpoints.at(storage, new WriterId(1, 1));
        Checkpoints next = Checkpoints.at(storage, new WriterId(1, 2));
        try (CheckpointWriter asleep = begin(old, null)) {
            save(asleep, 100);
            save(asleep, 200);
            commit(next, checkpoints.manifest(100), 150); // step 200 was found damaged, say
            List<String> before = storage.directory("checkpoints").list();
            assertThatThrownBy(() -> save(asleep, 300))
                    .hasMessageContaining("writer 1.1 of " + storage + " has been followed by writer 1.2 and must not"
                            + " write any more");
            assertThatThrownBy(() -> old.retain(1, 0)).isInstanceOf(LeaseException.class);
            assertThatThrownBy(() -> old.begin(null)).isInstanceOf(LeaseException.class);
            assertThat(storage.directory("checkpoints").list())
                    .containsAll(before)
                    .contains("step-000000000300-1.1"); // shards without a manifest, which the next removal takes
        }
        assertThat(checkpoints.committed()).containsExactly(100L, 150L);
        next.retain(2, 0);
        assertThat(storage.directory("checkpoints").list())
                .containsExactly("step-000000000100-1.1", "step-000000000150-1.2");
    }

    /** A process may sleep between its last check and its write: what it then publishes must not count. */
    @Test
    void aManifestPublishedTooLateDoesNotCountWhateverItsStep() throws Exception {
        Storage elsewhere = Storage.at(folder.resolve("elsewhere").toUri().toString(), new Configuration());
        Checkpoints late = Checkpoints.at(elsewhere, new WriterId(1, 1)); // the same writer, seen by nobody
        commit(late, null, 100);
        commit(Checkpoints.at(storage, new WriterId(1, 1)), null, 100);
        commit(Checkpoints.at(storage, new WriterId(2, 1)), checkpoints.manifest(100), 150);
        commit(Checkpoints.at(storage, new WriterId(3, 1)), checkpoints.manifest(150), 250);
        for (long step : List.of(120L, 150L, 200L, 250L, 300L)) {
            commit(late, late.newest().orElseThrow(), step);
            String directory = Checkpoints.directoryName(step, new WriterId(1, 1));
            for (String file : elsewhere.directory("checkpoints/" + directory).list()) {
                String path = "checkpoints/" + directory + "/" + file;
                storage.publish(path, elsewhere.read(path));
            }
            assertThat(checkpoints.committed()).as("late step %d", step).containsExactly(100L, 150L, 250L);
            assertThat(checkpoints.newestReadable().orElseThrow().writer()).isEqualTo(new WriterId(3, 1));
        }
        assertThat(late.committed()).hasSize(6); // each of them is sound by itself
        begin(Checkpoints.at(storage, new WriterId(3, 2)), checkpoints.manifest(250))
                .close();
        assertThat(storage.directory("checkpoints").list())
                .containsExactly("step-000000000100-1.1", "step-000000000150-2.1", "step-000000000250-3.1");
    }

    private static CheckpointWriter begin(Checkpoints checkpoints, @Nullable CheckpointManifest resumed)
            throws IOException {
        return new CheckpointWriter(
                checkpoints,
                new SoloCollective(),
                new Partition(SIZE, 1),
                HEADER,
                new CheckpointWriter.Retention(100, 0),
                resumed);
    }

    private static void save(CheckpointWriter writer, long step) throws IOException {
        writer.save(step, 4L * step, ranges(step, new Partition(SIZE, 1), 0), () -> {});
        writer.finish();
    }

    private static void commit(Checkpoints checkpoints, @Nullable CheckpointManifest resumed, long step)
            throws IOException {
        try (CheckpointWriter writer = begin(checkpoints, resumed)) {
            save(writer, step);
        }
    }

    private void write(long step, int worldSize) throws Exception {
        Partition partition = new Partition(SIZE, worldSize);
        List<Collective> ranks =
                worldSize == 1 ? List.of(new SoloCollective()) : Ranks.ring(worldSize, Duration.ofSeconds(30));
        Ranks.run(ranks, c -> {
            write(c, partition, step, ranges(step, partition, c.rank()));
            return 0;
        });
    }

    private void write(Collective c, Partition partition, long step, Map<String, ? extends Floats> ranges)
            throws IOException {
        try (c;
                CheckpointWriter writer = writer(c, partition)) {
            writer.save(step, 4L * step, ranges, () -> {});
            writer.finish();
        }
    }

    private CheckpointWriter writer(Collective c, Partition partition) throws IOException {
        CheckpointManifest resumed = checkpoints.newest().orElse(null);
        return new CheckpointWriter(checkpoints, c, partition, HEADER, new CheckpointWriter.Retention(100, 0), resumed);
    }

    private static Map<String, FloatVector> ranges(long step, Partition partition, int rank) {
        return Map.of("parameters", own("parameters", step, partition, rank), "ema", own("ema", step, partition, rank));
    }

    private static FloatVector own(String vector, long step, Partition partition, int rank) {
        return FloatVector.copyOf(values(vector, step)).range(partition.begin(rank), partition.end(rank));
    }

    private static float[] values(String vector, long step) {
        float[] values = new float[SIZE];
        for (int i = 0; i < SIZE; i++) {
            values[i] = vector.length() * 1e6f + step * 1e3f + i;
        }
        return values;
    }
}
