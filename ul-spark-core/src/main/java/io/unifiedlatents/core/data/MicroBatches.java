package io.unifiedlatents.core.data;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.random.Seeds;
import io.unifiedlatents.core.storage.CorruptDataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The micro-batches of one rank, read and decoded ahead of training by background threads. Memory is bounded: one
 * window of encoded samples per stream, and {@code decodeThreads + 2} sets of buffers. For one consuming thread.
 */
public final class MicroBatches implements AutoCloseable {
    /**
     * The samples to read.
     *
     * @param images pictures or clips of one shape
     * @param pixels whether they are read; where not, only latents are, in the same order
     * @param latents their latents; null where none are read
     * @param order of the samples, made for the row groups of {@code images}
     */
    public record Source(
            Dataset images, boolean pixels, @Nullable Dataset latents, SampleOrder order) {
        /**
         * Checks that the parts belong together.
         *
         * @throws io.unifiedlatents.core.config.ConfigException where latents do not belong to the images
         */
        public Source {
            Check.argument(pixels || latents != null, "there is nothing to read: neither pixels nor latents");
            Check.argument(
                    order.fits(images.rowGroupRows()),
                    "the order was made for other row groups than %s has",
                    images.storage());
            if (latents != null) {
                images.requireAligned(latents);
            }
        }
    }

    /**
     * The settings of reading.
     *
     * @param microBatch samples in each micro-batch, at least one
     * @param rounds micro-batches that each stream gives to a step, at least one
     * @param horizontalFlip whether half of the samples are mirrored, all frames of a clip alike; not with latents,
     *     which are of unmirrored ones
     * @param seed seed of the run, for mirroring
     * @param decodeThreads threads that decode, at least one
     */
    public record Settings(int microBatch, int rounds, boolean horizontalFlip, long seed, int decodeThreads) {
        public Settings {
            Check.argument(
                    microBatch > 0 && rounds > 0, "microBatch=%d and rounds=%d must be positive", microBatch, rounds);
            Check.argument(decodeThreads > 0, "decodeThreads=%d must be positive", decodeThreads);
        }
    }

    /**
     * A position in the data.
     *
     * @param step next step, from 0
     * @param samplesPerStream samples that each stream has given to the steps before
     */
    public record Position(long step, long samplesPerStream) {
        public Position {
            Check.argument(
                    step >= 0 && samplesPerStream >= 0,
                    "step=%d and samplesPerStream=%d must not be negative",
                    step,
                    samplesPerStream);
        }

        /** The beginning of the first epoch. */
        public static Position start() {
            return new Position(0, 0);
        }

        /** The position after a step to which each stream gives this many samples. */
        public Position next(int samples) {
            return new Position(step + 1, samplesPerStream + samples);
        }
    }

    private record Buffers(
            @Nullable ByteBuffer pixels, @Nullable FloatBuffer latents) {}

    private final Dataset images;
    private final Settings settings;
    private final SampleShape shape;
    private final int[] streams;
    private final StreamReader[] readers;
    private final BlockingQueue<Buffers> free;
    private final BlockingQueue<Future<MicroBatch>> ready;
    private final ExecutorService threads;
    private @Nullable MicroBatch taken;
    private @Nullable Throwable failure;
    private boolean closed;

    private MicroBatches(Source source, Settings settings, int[] streams, Position start) {
        Check.argument(streams.length > 0, "this rank has no stream to read; use no more ranks than micro-batches");
        Dataset latents = source.latents();
        Check.setting(
                latents == null || !settings.horizontalFlip(),
                "horizontalFlip=true cannot be used with latents %s, which are of unmirrored pictures; set it to false",
                latents == null ? "" : latents.storage());
        this.images = source.images();
        this.settings = settings;
        this.shape = images.requireOneShape();
        this.streams = streams.clone();
        Arrays.sort(this.streams);
        this.readers = new StreamReader[streams.length];
        Arrays.setAll(
                readers,
                i -> new StreamReader(source, source.order().cursor(this.streams[i], start.samplesPerStream())));
        int depth = settings.decodeThreads() + 2;
        this.free = new ArrayBlockingQueue<>(depth);
        for (int i = 0; i < depth; i++) {
            free.add(newBuffers(
                    source.pixels() ? shape : null,
                    latents == null ? null : latents.manifest().latentShape()));
        }
        this.ready = new ArrayBlockingQueue<>(depth + 1); // one more for a failure: the reader never waits here
        this.threads = Executors.newFixedThreadPool(
                settings.decodeThreads() + 1,
                task -> { // and the reader
                    Thread thread = new Thread(task, "micro-batches");
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /**
     * Starts reading.
     *
     * @param streams streams of this rank, at least one, see {@link SampleOrder#streamsOf}
     * @param start where reading begins
     * @throws io.unifiedlatents.core.config.ConfigException where latents would be mirrored, or pictures are of any
     *     size
     */
    public static MicroBatches open(Source source, Settings settings, int[] streams, Position start) {
        MicroBatches batches = new MicroBatches(source, settings, streams, start);
        batches.threads.execute(() -> batches.readAhead(start.step()));
        return batches;
    }

    /**
     * Returns the next micro-batch: of each step, those of each stream in ascending order. Its buffers are valid until
     * the next call. Waits where reading is behind.
     *
     * @throws CorruptDataException naming shard and row, where a picture cannot be decoded or has the wrong size
     * @throws IOException where reading failed; each later call fails the same way
     */
    public MicroBatch take() throws IOException, InterruptedException {
        Check.argument(!closed, "these micro-batches are closed");
        if (failure != null) {
            throw failed(failure);
        }
        if (taken != null) {
            free.add(new Buffers(taken.pixels(), taken.latents()));
            taken = null;
        }
        try {
            MicroBatch next = ready.take().get();
            taken = next;
            return next;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            failure = cause;
            throw failed(cause);
        }
    }

    /** Stops and joins the background threads. The buffers of the last micro-batch are no longer valid. */
    @Override
    public void close() {
        closed = true;
        threads.shutdownNow();
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            try {
                ended = threads.awaitTermination(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                interrupted = true; // still join: the threads are already stopping
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void readAhead(long firstStep) {
        try {
            for (long step = firstStep; ; step++) {
                for (int i = 0; i < streams.length; i++) {
                    for (int round = 0; round < settings.rounds(); round++) {
                        Buffers buffers = free.take();
                        List<StreamReader.Located> samples = readers[i].next(settings.microBatch());
                        Decoding decoding = new Decoding(step, streams[i], round, samples, buffers);
                        ready.put(threads.submit(() -> decode(decoding)));
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        } catch (Throwable e) {
            if (!ready.offer(CompletableFuture.failedFuture(e))) {
                throw new IllegalStateException("no room to report a failure of reading", e);
            }
        }
    }

    /** The samples of a micro-batch, to be decoded into buffers. */
    private record Decoding(long step, int stream, int round, List<StreamReader.Located> samples, Buffers buffers) {}

    private MicroBatch decode(Decoding of) throws IOException {
        int size = settings.microBatch();
        int firstIndex = of.round * size;
        String[] ids = new String[size];
        int[] labels = new int[size];
        for (int i = 0; i < size; i++) {
            StreamReader.Located located = of.samples.get(i);
            ids[i] = located.id();
            labels[i] = located.label();
            boolean mirror = settings.horizontalFlip()
                    && (Seeds.of(settings.seed(), "flip", of.step, of.stream, firstIndex + i) & 1) == 1;
            putPixels(of.buffers.pixels, located, i, mirror);
            putLatent(of.buffers.latents, located, i);
        }
        int number = of.stream * settings.rounds() + of.round;
        return new MicroBatch(
                of.step,
                of.stream,
                number,
                firstIndex,
                of.buffers.pixels,
                size,
                shape,
                ids,
                labels,
                of.buffers.latents);
    }

    private void putPixels(@Nullable ByteBuffer target, StreamReader.Located located, int index, boolean mirror)
            throws IOException {
        byte[] stored = located.image();
        if (target == null || stored == null) {
            return;
        }
        Rgb image;
        try {
            image = images.manifest().decode(stored);
        } catch (IOException e) {
            throw new CorruptDataException(
                    "directory %s, %s: %s; prepare the data set again"
                            .formatted(images.storage(), located.where(), e.getMessage()),
                    e);
        }
        if (mirror) {
            ImageCodec.mirror(image);
        }
        target.put(index * image.pixels().length, image.pixels());
    }

    private void putLatent(@Nullable FloatBuffer target, StreamReader.Located located, int index) throws IOException {
        LatentRow latent = located.latent();
        if (target == null || latent == null) {
            return;
        }
        float[] values = latent.latent();
        int wanted = target.capacity() / settings.microBatch();
        if (values.length != wanted) {
            throw new CorruptDataException("latents of %s: there are %d values, the manifest's shape has %d"
                    .formatted(located.where(), values.length, wanted));
        }
        target.put(index * values.length, values);
    }

    private Buffers newBuffers(@Nullable SampleShape pixels, @Nullable SampleShape latents) {
        return new Buffers(
                pixels == null ? null : buffer(pixels, Byte.BYTES),
                latents == null ? null : buffer(latents, Float.BYTES).asFloatBuffer());
    }

    private ByteBuffer buffer(SampleShape each, int bytes) {
        int samples = Math.multiplyExact(settings.microBatch(), each.values());
        return ByteBuffer.allocateDirect(Math.multiplyExact(samples, bytes)).order(ByteOrder.nativeOrder());
    }

    /** A failure of the same kind and message, with the stack of the caller. */
    private static IOException failed(Throwable cause) {
        return cause instanceof CorruptDataException
                ? new CorruptDataException(String.valueOf(cause.getMessage()), cause)
                : new IOException("reading ahead failed: " + cause.getMessage(), cause);
    }
}
