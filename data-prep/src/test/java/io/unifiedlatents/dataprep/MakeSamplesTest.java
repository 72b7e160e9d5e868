package io.unifiedlatents.dataprep;

import static org.assertj.core.api.Assertions.assertThat;

import io.unifiedlatents.core.config.SourceFormat;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.ShardFooter;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.dataprep.source.Part;
import io.unifiedlatents.dataprep.source.Source;
import io.unifiedlatents.dataprep.source.UnusableInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.util.SerializableConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class MakeSamplesTest {
    /** Stores inputs as they are, in two samples; takes its time, fails or breaks where an input says so. */
    private record Copier(CountDownLatch release, CountDownLatch late) implements SampleMaker {
        @Override
        public String transform() {
            return "copy";
        }

        @Override
        public boolean clips() {
            return false;
        }

        @Override
        public DatasetManifest manifest(ShardFooter footer, long seed, List<ShardInfo> shards) {
            return DatasetManifest.images(null, footer, seed, shards);
        }

        @Override
        public Size make(String path, byte[] bytes, Sink samples) throws UnusableInput, IOException {
            samples.add(new Sample(0, bytes, 1, 1, null));
            switch (new String(bytes, java.nio.charset.StandardCharsets.UTF_8)) {
                case "slow" -> addTooLate(bytes, samples);
                case "bad" -> throw new UnusableInput("damaged picture: it says so");
                case "broken" -> throw new IllegalStateException("nobody thought of this");
                default -> samples.add(new Sample(1, bytes, 1, 1, null));
            }
            return new Size(7, 5);
        }

        private void addTooLate(byte[] bytes, Sink samples) throws IOException {
            try {
                release.await();
                samples.add(new Sample(1, bytes, 1, 1, null));
            } catch (InterruptedException e) {
                throw new IOException(e);
            } finally {
                late.countDown();
            }
        }
    }

    @TempDir
    Path directory;

    @Test
    void whatIsTooSlowOrFailsIsSkippedAndDisturbsNothingBehindIt() throws Exception {
        List<String> contents = List.of("first", "slow", "bad", "broken", "last");
        for (int i = 0; i < contents.size(); i++) {
            Files.createDirectories(directory.resolve("in"));
            Files.writeString(directory.resolve("in/" + i + ".png"), contents.get(i));
        }
        Configuration hadoop = new Configuration();
        List<Part> parts = Source.open(directory.resolve("in").toString(), SourceFormat.DIRECTORY, hadoop)
                .parts();
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch late = new CountDownLatch(1);
        MakeSamples task = new MakeSamples(
                new Copier(release, late),
                directory.resolve("work").toString(),
                1,
                new SerializableConfiguration(hadoop));

        WorkPart done = task.call(parts.get(0));
        release.countDown();
        late.await(); // the slow one adds its second sample only now

        assertThat(done.inputs())
                .extracting(Status::problem)
                .containsExactly(
                        null,
                        "time limit: not done within prepare.secondsPerInput=1",
                        "damaged picture: it says so",
                        "unexpected error: java.lang.IllegalStateException: nobody thought of this",
                        null);
        byte[] file = Files.readAllBytes(directory.resolve("work").resolve(done.data()));
        for (Status status : done.inputs()) {
            assertThat(status.samples()).hasSize(status.problem() == null ? 2 : 0);
            for (StoredSample sample : status.samples()) {
                byte[] stored =
                        Arrays.copyOfRange(file, (int) sample.offset(), (int) sample.offset() + sample.length());
                assertThat(stored)
                        .isEqualTo(Files.readAllBytes(directory.resolve("in").resolve(status.path())));
                assertThat(sample.sha256()).isEqualTo(Hashes.sha256(stored));
            }
        }
        assertThat(task.call(parts.get(0)))
                .isEqualTo(done); // from its index: made again, its data file would have another name
    }
}
