package io.unifiedlatents.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.random.Seeds;
import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class MicroBatchesTest {
    private static final int MICRO = 3;
    private static final long SEED = 9;

    @TempDir
    Path directory;

    private Dataset images;
    private Storage storage;

    @BeforeEach
    void prepare() throws IOException {
        storage = Storage.at(directory.toUri().toString(), new Configuration());
        images = Samples.images(storage.directory("images"), 4, 11, 5);
    }

    /** Copy of a micro-batch, whose buffers are reused. */
    private record Copy(
            long step, int stream, List<Byte> pixels, List<String> ids, List<Integer> labels, List<Float> latents) {
        static Copy of(MicroBatch batch) {
            byte[] pixels = new byte[batch.pixels() == null ? 0 : batch.pixels().remaining()];
            if (batch.pixels() != null) {
                batch.pixels().duplicate().get(pixels);
            }
            float[] latents =
                    new float[batch.latents() == null ? 0 : batch.latents().remaining()];
            if (batch.latents() != null) {
                batch.latents().duplicate().get(latents);
            }
            return new Copy(
                    batch.step(),
                    batch.stream(),
                    IntStream.range(0, pixels.length).mapToObj(i -> pixels[i]).toList(),
                    List.of(batch.ids()),
                    Arrays.stream(batch.labels()).boxed().toList(),
                    IntStream.range(0, latents.length).mapToObj(i -> latents[i]).toList());
        }
    }

    private List<Copy> take(@Nullable Dataset latents, int[] streams, long firstStep, boolean flip, int count)
            throws IOException, InterruptedException {
        SampleOrder order = new SampleOrder(SEED, images.rowGroupRows(), 2, 2);
        List<Copy> copies = new ArrayList<>();
        try (MicroBatches batches =
                open(images, true, latents, order, streams, at(firstStep), MICRO, 1, flip, SEED, 2)) {
            for (int i = 0; i < count; i++) {
                copies.add(Copy.of(batches.take()));
            }
        }
        return copies;
    }

    private static MicroBatches open(
            Dataset images,
            boolean pixels,
            @Nullable Dataset latents,
            SampleOrder order,
            int[] streams,
            MicroBatches.Position start,
            int microBatch,
            int rounds,
            boolean flip,
            long seed,
            int threads) {
        return MicroBatches.open(
                new MicroBatches.Source(images, pixels, latents, order),
                new MicroBatches.Settings(microBatch, rounds, flip, seed, threads),
                streams,
                start);
    }

    /** The position before a step to which each stream gives one micro-batch, as all before it. */
    private static MicroBatches.Position at(long step) {
        return new MicroBatches.Position(step, step * MICRO);
    }

    @Test
    void severalMicroBatchesOfAStreamAreOneLargerOne() throws Exception {
        SampleOrder order = new SampleOrder(SEED, images.rowGroupRows(), 2, 2);
        int steps = 3;
        try (MicroBatches small = open(
                        images,
                        true,
                        null,
                        order,
                        new int[] {0, 1},
                        MicroBatches.Position.start(),
                        MICRO,
                        2,
                        true,
                        SEED,
                        2);
                MicroBatches large = open(
                        images,
                        true,
                        null,
                        order,
                        new int[] {0, 1},
                        MicroBatches.Position.start(),
                        2 * MICRO,
                        1,
                        true,
                        SEED,
                        2)) {
            for (int i = 0; i < 2 * steps; i++) {
                MicroBatch wanted = large.take();
                long wantedDigest = Ledger.digest(wanted);
                Copy whole = Copy.of(wanted);
                List<String> ids = new ArrayList<>();
                List<Byte> pixels = new ArrayList<>();
                long digest = 0;
                for (int round = 0; round < 2; round++) {
                    MicroBatch part = small.take();
                    assertThat(part.number()).isEqualTo(2 * (i % 2) + round);
                    assertThat(part.firstIndex()).isEqualTo(round * MICRO);
                    digest += Ledger.digest(part);
                    Copy copy = Copy.of(part);
                    ids.addAll(copy.ids());
                    pixels.addAll(copy.pixels());
                }
                assertThat(ids).isEqualTo(whole.ids());
                assertThat(pixels).isEqualTo(whole.pixels());
                assertThat(digest).isEqualTo(wantedDigest);
            }
        }
    }

    @Test
    void equalADirectComputation() throws Exception {
        Dataset latents = Samples.latents(storage.directory("latents"), images);
        SampleOrder order = new SampleOrder(SEED, images.rowGroupRows(), 2, 2);
        int[] firstOfGroup = {0, 4, 8, 11, 15};
        List<Copy> plain = take(latents, new int[] {1, 0}, 0, false, 40);
        List<Copy> mirrored = take(null, new int[] {0, 1}, 0, true, 40);
        for (int stream = 0; stream < 2; stream++) {
            SampleOrder.Cursor cursor = order.cursor(stream, 0);
            SampleOrder.Window window = cursor.next();
            int position = 0;
            for (int step = 0; step < 20; step++) {
                Copy batch = plain.get(2 * step + stream);
                assertThat(batch.step()).isEqualTo(step);
                assertThat(batch.stream()).isEqualTo(stream);
                for (int i = 0; i < MICRO; i++, position++) {
                    if (position == window.size()) {
                        window = cursor.next();
                        position = 0;
                    }
                    int number = firstOfGroup[window.groups()[window.group(position)]] + window.row(position);
                    assertThat(batch.ids().get(i)).isEqualTo(Samples.row(number).id());
                    assertThat(batch.labels().get(i)).isEqualTo(number % 3);
                    assertThat(pixels(batch, i))
                            .isEqualTo(Samples.picture(number).pixels());
                    for (int v = 0; v < 4; v++) {
                        assertThat(batch.latents().get(4 * i + v)).isEqualTo(Samples.latent(number)[v]);
                    }
                    Rgb expected = Samples.picture(number);
                    if ((Seeds.of(SEED, "flip", step, stream, i) & 1) == 1) {
                        ImageCodec.mirror(expected);
                    }
                    assertThat(pixels(mirrored.get(2 * step + stream), i)).isEqualTo(expected.pixels());
                }
            }
        }
    }

    private static byte[] pixels(Copy batch, int index) {
        int bytes = Samples.PICTURE.values();
        byte[] pixels = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            pixels[i] = batch.pixels().get(index * bytes + i);
        }
        return pixels;
    }

    @Test
    void aResumedRankContinuesTheUninterruptedOne() throws Exception {
        List<Copy> whole = take(null, new int[] {0, 1}, 0, true, 40);
        assertThat(take(null, new int[] {0, 1}, 13, true, 14)).isEqualTo(whole.subList(26, 40));
        List<Copy> second = take(null, new int[] {1}, 13, true, 7);
        for (int i = 0; i < 7; i++) {
            assertThat(second.get(i)).isEqualTo(whole.get(26 + 2 * i + 1));
        }
    }

    @Test
    void latentsAloneAreReadInTheSameOrderWithoutTheirPictures() throws Exception {
        Dataset latents = Samples.latents(storage.directory("latents"), images);
        List<Copy> both = take(latents, new int[] {0, 1}, 0, false, 20);
        for (ShardInfo shard : images.manifest().shards()) {
            storage.delete("images/" + shard.name());
        }
        SampleOrder order = new SampleOrder(SEED, images.rowGroupRows(), 2, 2);
        try (MicroBatches batches =
                open(images, false, latents, order, new int[] {0, 1}, at(0), MICRO, 1, false, SEED, 2)) {
            for (Copy expected : both) {
                Copy found = Copy.of(batches.take());
                assertThat(found.pixels()).isEmpty();
                assertThat(found.ids()).isEqualTo(expected.ids());
                assertThat(found.labels()).isEqualTo(expected.labels());
                assertThat(found.latents()).isEqualTo(expected.latents());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"PNG", "RAW"})
    void clipsComeAsTheirFramesOneAfterTheOther(Encoding encoding) throws Exception {
        Dataset clips = Samples.clips(storage.directory("clips"), encoding, 4);
        SampleOrder order = new SampleOrder(SEED, clips.rowGroupRows(), 1, 1);
        Set<String> seen = new HashSet<>();
        try (MicroBatches batches = open(clips, true, null, order, new int[] {0}, at(0), 2, 1, true, SEED, 1)) {
            for (int step = 0; step < 2; step++) {
                MicroBatch batch = batches.take();
                assertThat(batch.shape()).isEqualTo(Samples.CLIP);
                ByteBuffer pixels = Objects.requireNonNull(batch.pixels());
                assertThat(pixels.remaining()).isEqualTo(2 * 3 * 6 * 8 * 3); // [B, T, H, W, C]
                for (int i = 0; i < 2; i++) {
                    String id = batch.ids()[i];
                    int number = IntStream.range(0, 4)
                            .filter(n -> Hashes.sampleId("class" + n % 3 + "/" + n + ".png", 0)
                                    .equals(id))
                            .findFirst()
                            .orElseThrow();
                    Rgb stack = Samples.sample(Samples.CLIP, number);
                    if ((Seeds.of(SEED, "flip", step, 0, i) & 1) == 1) {
                        ImageCodec.mirror(stack);
                    }
                    byte[] found = new byte[Samples.CLIP.values()];
                    pixels.duplicate().position(i * found.length).get(found);
                    assertThat(found).isEqualTo(stack.pixels());
                    seen.add(id);
                }
            }
        }
        assertThat(seen).hasSize(4);
    }

    @Test
    void picturesOfAnyOrAnotherSizeAreRefused() throws Exception {
        ShardInfo shard = images.manifest().shards().get(0);
        Storage where = storage.directory("images");
        Dataset any = Dataset.publish(where, DatasetManifest.images(null, Samples.FOOTER, 1, List.of(shard)));
        SampleOrder order = new SampleOrder(SEED, any.rowGroupRows(), 1, 1);
        assertThatThrownBy(() -> open(any, true, null, order, new int[] {0}, at(0), 1, 1, false, SEED, 1))
                .isInstanceOf(ConfigException.class)
                .hasMessageEndingWith(
                        "holds pictures of any size; prepare them with another prepare.transform than none");
        Dataset turned = Dataset.publish(
                where, DatasetManifest.images(SampleShape.picture(8, 6), Samples.FOOTER, 1, List.of(shard)));
        try (MicroBatches batches = open(turned, true, null, order, new int[] {0}, at(0), 1, 1, false, SEED, 1)) {
            assertThatThrownBy(batches::take)
                    .isInstanceOf(CorruptDataException.class)
                    .hasMessageContaining("the picture has 8 x 6 pixels, the manifest says 6 x 8; prepare");
        }
    }

    @Test
    void latentsForbidMirroring() throws IOException {
        Dataset latents = Samples.latents(storage.directory("latents"), images);
        SampleOrder order = new SampleOrder(SEED, images.rowGroupRows(), 2, 2);
        assertThatThrownBy(() -> open(images, true, latents, order, new int[] {0}, at(0), MICRO, 1, true, SEED, 1))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("horizontalFlip=true cannot be used with latents");
    }

    @Test
    void anUndecodablePictureIsReportedWithShardAndRowEachTime() throws Exception {
        Storage other = storage.directory("bad");
        ShardInfo shard;
        try (ShardWriter<ImageRow> writer =
                ShardWriter.images(other, "s.parquet", RowGroupLimit.rows(4), Samples.FOOTER)) {
            writer.write(new ImageRow("bad-one", new byte[] {1, 2, 3}, 0, "c", null, 8, 6, "s", "h"));
            shard = writer.finish();
        }
        Dataset bad =
                Dataset.publish(other, DatasetManifest.images(Samples.PICTURE, Samples.FOOTER, 1, List.of(shard)));
        SampleOrder order = new SampleOrder(SEED, bad.rowGroupRows(), 1, 1);
        try (MicroBatches batches = open(bad, true, null, order, new int[] {0}, at(0), 1, 1, false, SEED, 1)) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(batches::take)
                        .isInstanceOf(CorruptDataException.class)
                        .hasMessageContaining("shard s.parquet, row group 0, row 0 (id bad-one): not a picture");
            }
        }
    }

    @Test
    void aMissingShardIsReportedAndClosingEndsAllThreads() throws Exception {
        storage.delete("images/shard-0.parquet");
        storage.delete("images/shard-1.parquet");
        SampleOrder order = new SampleOrder(SEED, images.rowGroupRows(), 2, 2);
        try (MicroBatches batches = open(images, true, null, order, new int[] {0}, at(0), MICRO, 1, false, SEED, 2)) {
            assertThatThrownBy(batches::take)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("reading ahead failed");
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.isAlive() && thread.getName().startsWith("micro-batches"));
    }
}
