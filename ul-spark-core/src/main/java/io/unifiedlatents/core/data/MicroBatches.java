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
    private record Buffers(
            @Nullable ByteBuffer pixels, @Nullable FloatBuffer latents) {}

    private record Ready(MicroBatch batch, Buffers buffers) {}

    private record Place(long step, int stream, int round) {}

    /**
     * A place in the data.
     *
     * @param step next step, from 0
     * @param samplesPerStream samples that each stream has given to the steps before
     */
    public record Position(long step, long samplesPerStream) {
        /** Checks the ranges. */
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

        /** The place behind a step to which each stream gives so many samples. */
        public Position next(int samples) {
            return new Position(step + 1, samplesPerStream + samples);
        }
    }

    private final Dataset images;
    private final int[] streams;
    private final int microBatch;
    private final int rounds;
    private final boolean horizontalFlip;
    private final long seed;
    private final SampleShape shape;
    private final StreamReader[] readers;
    private final BlockingQueue<Buffers> free;
    private final BlockingQueue<Future<Ready>> ready;
    private final ExecutorService decoders;
    private final Thread reading;
    private @Nullable Buffers taken;
    private @Nullable Throwable failure;
    private boolean closed;

    private MicroBatches(
            Dataset images,
            boolean pixels,
            @Nullable Dataset latents,
            SampleOrder order,
            int[] streams,
            Position start,
            int microBatch,
            int rounds,
            boolean horizontalFlip,
            long seed,
            int decodeThreads) {
        this.images = images;
        this.streams = streams.clone();
        Arrays.sort(this.streams);
        this.microBatch = microBatch;
        this.rounds = rounds;
        this.horizontalFlip = horizontalFlip;
        this.seed = seed;
        this.shape = images.requireOneShape();
        this.readers = new StreamReader[streams.length];
        Arrays.setAll(
                readers,
                i -> new StreamReader(
                        images, pixels, latents, order.cursor(this.streams[i], start.samplesPerStream())));
        int depth = decodeThreads + 2;
        SampleShape latentShape = latents == null ? null : latents.manifest().latentShape();
        this.free = new ArrayBlockingQueue<>(depth);
        for (int i = 0; i < depth; i++) {
            free.add(newBuffers(pixels ? shape : null, latentShape));
        }
        this.ready = new ArrayBlockingQueue<>(depth + 1); // one more for a failure: the reader never waits here
        this.decoders = Executors.newFixedThreadPool(decodeThreads, task -> daemon(task, "decode"));
        this.reading = daemon(() -> readAhead(start.step()), "read ahead");
    }

    /**
     * Starts reading.
     *
     * @param images pictures or clips of one shape
     * @param pixels whether they are read; where not, latents alone are, in the same order
     * @param latents their latents, or null
     * @param order order of the samples, made for the row groups of {@code images}
     * @param streams streams of this rank, at least one, see {@link SampleOrder#streamsOf}
     * @param start where reading begins
     * @param microBatch samples in each micro-batch
     * @param rounds micro-batches that each stream gives to a step, at least one
     * @param horizontalFlip whether half of the samples are mirrored, all frames of a clip alike; not with latents,
     *     which are of unmirrored ones
     * @param seed seed of the run, for mirroring
     * @param decodeThreads threads that decode, at least one
     * @throws io.unifiedlatents.core.config.ConfigException where latents do not belong to the images or would be
     *     mirrored
     */
    public static MicroBatches open(
            Dataset images,
            boolean pixels,
            @Nullable Dataset latents,
            SampleOrder order,
            int[] streams,
            Position start,
            int microBatch,
            int rounds,
            boolean horizontalFlip,
            long seed,
            int decodeThreads) {
        Check.argument(streams.length > 0, "this rank has no stream to read; use no more ranks than micro-batches");
        Check.argument(
                microBatch > 0 && rounds > 0, "microBatch=%d and rounds=%d must be positive", microBatch, rounds);
        Check.argument(decodeThreads > 0, "decodeThreads=%d must be positive", decodeThreads);
        Check.argument(pixels || latents != null, "there is nothing to read: neither pixels nor latents");
        Check.argument(
                order.fits(images.rowGroupRows()),
                "the order was made for other row groups than %s has",
                images.storage());
        if (latents != null) {
            Check.setting(
                    !horizontalFlip,
                    "horizontalFlip=true cannot be used with latents %s, which are of unmirrored pictures; set it to false",
                    latents.storage());
            images.requireAligned(latents);
        }
        MicroBatches batches = new MicroBatches(
                images,
                pixels,
                latents,
                order,
                streams,
                start,
                microBatch,
                rounds,
                horizontalFlip,
                seed,
                decodeThreads);
        batches.reading.start();
        return batches;
    }

    /**
     * The next micro-batch: of each step, those of each stream in ascending order. Its buffers are valid until the next
     * call. Waits where reading is behind.
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
            free.add(taken);
            taken = null;
        }
        try {
            Ready next = ready.take().get();
            taken = next.buffers;
            return next.batch;
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
        reading.interrupt();
        decoders.shutdownNow();
        boolean interrupted = false;
        while (true) {
            try {
                reading.join();
                if (decoders.awaitTermination(1, TimeUnit.SECONDS)) {
                    break;
                }
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
                    for (int round = 0; round < rounds; round++) {
                        Place place = new Place(step, streams[i], round);
                        Buffers buffers = free.take();
                        List<StreamReader.Located> samples = readers[i].next(microBatch);
                        ready.put(decoders.submit(() -> decode(place, samples, buffers)));
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

    private Ready decode(Place at, List<StreamReader.Located> samples, Buffers buffers) throws IOException {
        int firstIndex = at.round * microBatch;
        String[] ids = new String[microBatch];
        int[] labels = new int[microBatch];
        for (int i = 0; i < microBatch; i++) {
            StreamReader.Located located = samples.get(i);
            ids[i] = located.id();
            labels[i] = located.label();
            boolean mirror = horizontalFlip && (Seeds.of(seed, "flip", at.step, at.stream, firstIndex + i) & 1) == 1;
            putPixels(buffers.pixels, located, i, mirror);
            putLatent(buffers.latents, located, i);
        }
        int number = at.stream * rounds + at.round;
        MicroBatch batch = new MicroBatch(
                at.step,
                at.stream,
                number,
                firstIndex,
                buffers.pixels,
                microBatch,
                shape,
                ids,
                labels,
                buffers.latents);
        return new Ready(batch, buffers);
    }

    private void putPixels(@Nullable ByteBuffer target, StreamReader.Located located, int index, boolean mirror)
            throws IOException {
        byte[] stored = located.image();
        if (target == null || stored == null) {
            return;
        }
        Rgb image = decode(located, stored);
        if (mirror) {
            ImageCodec.mirror(image);
        }
        target.put(index * image.pixels().length, image.pixels());
    }

    private Rgb decode(StreamReader.Located located, byte[] stored) throws IOException {
        String where = "directory " + images.storage() + ", " + located.where();
        try {
            return images.manifest().decode(stored);
        } catch (IOException e) {
            CorruptDataException corrupt =
                    new CorruptDataException(where + ": " + e.getMessage() + "; prepare the data set again");
            corrupt.initCause(e);
            throw corrupt;
        }
    }

    private void putLatent(@Nullable FloatBuffer target, StreamReader.Located located, int index) throws IOException {
        LatentRow latent = located.latent();
        if (target == null || latent == null) {
            return;
        }
        float[] values = latent.latent();
        int wanted = target.capacity() / microBatch;
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
        int samples = Math.multiplyExact(microBatch, each.values());
        return ByteBuffer.allocateDirect(Math.multiplyExact(samples, bytes)).order(ByteOrder.nativeOrder());
    }

    /** The failure as seen by the caller: the same kind and message, with the caller's stack. */
    private static IOException failed(Throwable cause) {
        if (cause instanceof CorruptDataException) {
            CorruptDataException corrupt = new CorruptDataException(String.valueOf(cause.getMessage()));
            corrupt.initCause(cause);
            return corrupt;
        }
        return new IOException("reading ahead failed: " + cause.getMessage(), cause);
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, "micro-batches " + name);
        thread.setDaemon(true);
        return thread;
    }
}
