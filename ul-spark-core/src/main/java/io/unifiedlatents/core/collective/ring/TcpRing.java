package io.unifiedlatents.core.collective.ring;

import io.unifiedlatents.core.collective.Bfloat16;
import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.ErrorFeedback;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.collective.Floats;
import io.unifiedlatents.core.collective.Operation;
import io.unifiedlatents.core.collective.Partition;
import io.unifiedlatents.core.collective.PeerLostException;
import io.unifiedlatents.core.collective.SoloCollective;
import io.unifiedlatents.core.config.Check;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A ring over TCP: each rank sends to the next and receives from the previous one, straight from and into the vector's
 * memory, in frames of 256 KiB that follow each other without waiting for the whole range.
 *
 * <p>Ranks know each other by a shared secret. What they then send is protected as {@link Encryption} says: without it
 * the network between them must be trusted. The time-out counts from the moment a rank starts to wait, so it must
 * exceed the time by which ranks may differ in reaching the same operation.
 */
public final class TcpRing implements Collective {
    /** The float64 values of one rank: a cache line, so that a partition over the ranks gives each its own. */
    private static final int VALUE_FLOATS = MAX_VALUES * Double.BYTES / Float.BYTES;

    /** The connections of a ring: the two neighbours and the addresses of all ranks. */
    record Wiring(int rank, List<String> addresses, Neighbour previous, Neighbour next, long run, Duration timeout) {}

    private final Wiring wiring;
    private final int worldSize;
    private final int previousRank;
    private final int nextRank;
    private final long timeoutNanos;
    private final FrameSender sender;
    private final FrameReceiver receiver;
    private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
    private final FloatVector scratch = FloatVector.allocate(FrameLayout.FRAME_FLOATS);
    private final ByteBuffer receivedCodes = bfloat16Frame();
    private final ByteBuffer sentCodes = bfloat16Frame(); // of the sending thread
    private final ByteBuffer values;
    private volatile Operation operation = Operation.BARRIER;
    private volatile String where = "start";

    TcpRing(Wiring wiring) {
        this.wiring = wiring;
        worldSize = wiring.addresses.size();
        previousRank = Math.floorMod(wiring.rank - 1, worldSize);
        nextRank = (wiring.rank + 1) % worldSize;
        timeoutNanos = wiring.timeout.toNanos();
        values = ByteBuffer.allocateDirect(worldSize * VALUE_FLOATS * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        receiver = new FrameReceiver(wiring.previous, wiring.run);
        sender = new FrameSender(
                wiring.next,
                wiring.run,
                timeoutNanos,
                "ring-sender-" + wiring.rank,
                e -> fail(lost(nextRank, e.toString(), e)));
        sender.start();
    }

    private static ByteBuffer bfloat16Frame() {
        return ByteBuffer.allocateDirect(FrameLayout.FRAME_FLOATS * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A bound port at which the previous rank of the ring will call; turned into a ring by {@link #connect}. */
    public static final class Listener implements Closeable {
        private final ServerSocketChannel server;
        private final String host;

        private Listener(ServerSocketChannel server, String host) {
            this.server = server;
            this.host = host;
        }

        /**
         * Binds the first free port of a range.
         *
         * @param bindHost name or address of this machine that the other ranks can reach
         * @param firstPort first port to try; 0 lets the system choose, then {@code lastPort} is 0 too
         * @param lastPort last port to try
         * @throws IOException if the whole range is taken or the host is not an address of this machine
         */
        public static Listener open(String bindHost, int firstPort, int lastPort) throws IOException {
            Check.setting(
                    0 <= firstPort && firstPort <= lastPort && lastPort <= 65535,
                    "port range %s..%s must lie in 0..65535",
                    firstPort,
                    lastPort);
            InetAddress host = InetAddress.getByName(bindHost);
            IOException last = null;
            for (int port = firstPort; port <= lastPort; port++) {
                ServerSocketChannel server = ServerSocketChannel.open();
                try {
                    server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                    server.bind(new InetSocketAddress(host, port));
                    return new Listener(server, bindHost);
                } catch (IOException e) {
                    server.close();
                    last = e;
                }
            }
            throw new IOException(
                    "no free port on " + bindHost + " in " + firstPort + ".." + lastPort + "; widen the range", last);
        }

        /** The {@code host:port} at which this rank is reached, to be exchanged among the ranks. */
        public String address() throws IOException {
            int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
            return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
        }

        /**
         * Joins the ring; every rank calls it with the same addresses, run id, secret and time-out. Closes the port,
         * whether it succeeds or fails. Callers who are not the previous rank of this run are refused and logged.
         *
         * @param addresses {@link #address} of every rank, in rank order
         * @param runId names this attempt of the run, different for each attempt
         * @param secret shared by the ranks of the run, at least 16 bytes, from a secure source
         * @param encryption of the frames, the same on every rank
         * @param timeout longest wait for the ring to close and, later, for a silent peer
         * @throws PeerLostException if a neighbour cannot be reached or does not call in time
         */
        public Collective connect(
                int rank, List<String> addresses, String runId, byte[] secret, Encryption encryption, Duration timeout)
                throws IOException {
            Check.argument(
                    0 <= rank && rank < addresses.size(), "rank=%s outside worldSize=%s", rank, addresses.size());
            Check.setting(secret.length >= 16, "the secret has %s bytes; it needs 16 or more", secret.length);
            Check.setting(!timeout.isNegative() && !timeout.isZero(), "timeout=%s must be positive", timeout);
            if (addresses.size() == 1) {
                close();
                return new SoloCollective();
            }
            Handshake handshake = new Handshake(rank, addresses.size(), runId, secret, encryption);
            long run = ByteBuffer.wrap(FrameLayout.runDigest(runId)).getLong();
            try (Rendezvous rendezvous = new Rendezvous(server, handshake, rank, addresses, timeout)) {
                return new TcpRing(rendezvous.wire(run));
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    @Override
    public int rank() {
        return wiring.rank;
    }

    @Override
    public int worldSize() {
        return worldSize;
    }

    @Override
    public void reduceScatter(Floats floats, Partition partition) throws IOException {
        FloatVector vector = FloatVector.onHost(floats);
        SoloCollective.checkPartition(this, vector, partition);
        begin(Operation.REDUCE_SCATTER);
        circulate(partition, previousRank, (at, length) -> send(vector, at, length), (at, length) -> {
            receive(scratch.buffers(0, length));
            vector.add(scratch.range(0, length), at);
        });
        finish();
    }

    @Override
    public void reduceScatter(Floats floats, Partition partition, ErrorFeedback feedback) throws IOException {
        FloatVector vector = FloatVector.onHost(floats);
        SoloCollective.checkPartition(this, vector, partition);
        feedback.checkFits(vector);
        begin(Operation.REDUCE_SCATTER_BF16);
        FrameAction sendRounded = (at, length) -> sendRounded(vector, at, length, feedback);
        circulate(partition, previousRank, sendRounded, (at, length) -> {
            ByteBuffer codes = receivedCodes.clear().limit(length * Short.BYTES);
            receive(new ByteBuffer[] {codes});
            Bfloat16.widen(codes.flip(), scratch.slice(0, length));
            vector.add(scratch.range(0, length), at);
        });
        finish();
    }

    /** Moves the floats of one frame. */
    private interface FrameAction {
        void run(long begin, int length) throws IOException;
    }

    /**
     * Sends one range of a vector to the next rank, and passes on each other range frame by frame as it comes. A range
     * that is summed thereby visits the ranks r + 1, r + 2, …, r and gathers its terms in this order.
     *
     * @param first rank whose range this rank sends before it receives; that of the rank before comes next
     */
    private void circulate(Partition partition, int first, FrameAction send, FrameAction receive) throws IOException {
        forEachFrame(partition, first, send);
        for (int hop = 1; hop < worldSize; hop++) {
            boolean last = hop == worldSize - 1;
            forEachFrame(partition, Math.floorMod(first - hop, worldSize), (at, length) -> {
                receive.run(at, length);
                if (!last) {
                    send.run(at, length);
                }
            });
        }
    }

    @Override
    public void allGather(Floats floats, Partition partition) throws IOException {
        FloatVector vector = FloatVector.onHost(floats);
        SoloCollective.checkPartition(this, vector, partition);
        begin(Operation.ALL_GATHER);
        gather(vector, partition);
        finish();
    }

    @Override
    public double[] allReduce(double... own) throws IOException {
        SoloCollective.checkValues(own);
        begin(Operation.ALL_REDUCE_VALUE);
        int stride = VALUE_FLOATS * Float.BYTES;
        for (int k = 0; k < own.length; k++) {
            values.putDouble(wiring.rank * stride + k * Double.BYTES, own[k]);
        }
        gather(FloatVector.of(values), new Partition((long) worldSize * VALUE_FLOATS, worldSize));
        finish();
        double[] sums = new double[own.length];
        for (int k = 0; k < own.length; k++) {
            sums[k] = values.getDouble(k * Double.BYTES);
            for (int rank = 1; rank < worldSize; rank++) {
                sums[k] += values.getDouble(rank * stride + k * Double.BYTES);
            }
        }
        return sums;
    }

    @Override
    public void broadcast(Floats floats, int root) throws IOException {
        FloatVector vector = FloatVector.onHost(floats);
        SoloCollective.checkRoot(this, root);
        begin(Operation.BROADCAST);
        for (long at = 0; at < vector.size(); at += FrameLayout.FRAME_FLOATS) {
            int length = (int) Math.min(FrameLayout.FRAME_FLOATS, vector.size() - at);
            if (wiring.rank != root) {
                receive(vector.buffers(at, length));
            }
            if (nextRank != root) {
                send(vector, at, length);
            }
        }
        finish();
    }

    @Override
    public void barrier() throws IOException {
        begin(Operation.BARRIER);
        gather(FloatVector.of(values), new Partition((long) worldSize * VALUE_FLOATS, worldSize));
        finish();
    }

    @Override
    public void at(String label) {
        where = label;
    }

    @Override
    public void check() throws IOException {
        IOException first = failure.get();
        if (first != null) {
            throw first;
        }
    }

    @Override
    public void abort(Throwable cause) {
        fail(new IOException(
                "rank " + wiring.rank + " aborted " + operation.text() + " at " + where + ": " + cause, cause));
    }

    @Override
    public void close() {
        fail(new IOException("the collective of rank " + wiring.rank + " is closed"));
    }

    private void gather(FloatVector vector, Partition partition) throws IOException {
        circulate(
                partition,
                wiring.rank,
                (at, length) -> send(vector, at, length),
                (at, length) -> receive(vector.buffers(at, length)));
    }

    private static void forEachFrame(Partition partition, int range, FrameAction action) throws IOException {
        long end = partition.end(range);
        for (long at = partition.begin(range); at < end; at += FrameLayout.FRAME_FLOATS) {
            action.run(at, (int) Math.min(FrameLayout.FRAME_FLOATS, end - at));
        }
    }

    private void send(FloatVector vector, long begin, int length) {
        sender.send(operation, () -> vector.buffers(begin, length));
    }

    /** Rounds on the sending thread, while this one receives. */
    private void sendRounded(FloatVector vector, long begin, int length, ErrorFeedback feedback) {
        sender.send(operation, () -> {
            feedback.encode(vector, begin, length, sentCodes.clear());
            return new ByteBuffer[] {sentCodes.flip()};
        });
    }

    private void receive(ByteBuffer[] payload) throws IOException {
        try {
            receiver.receive(operation, payload, System.nanoTime() + timeoutNanos);
        } catch (InterruptedIOException e) {
            throw fail(e instanceof SocketTimeoutException ? silent(e) : e);
        } catch (IOException e) {
            throw fail(lost(previousRank, String.valueOf(e.getMessage()), e));
        }
    }

    private void begin(Operation next) throws IOException {
        check();
        operation = next;
    }

    private void finish() throws IOException {
        try {
            sender.awaitSent();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw fail(new InterruptedIOException("interrupted in " + operation.text() + " at " + where));
        }
        check();
    }

    private IOException silent(IOException cause) {
        return lost(
                previousRank,
                "silent for " + wiring.timeout.toMillis() + " ms; raise the time-out if ranks may differ by more",
                cause);
    }

    private PeerLostException lost(int rank, String reason, IOException cause) {
        return new PeerLostException(rank, wiring.addresses.get(rank), operation.text(), where, reason, cause);
    }

    /** Records the first failure, closes everything, and returns the first failure. */
    private IOException fail(IOException e) {
        failure.compareAndSet(null, e);
        sender.stop();
        wiring.previous.close();
        wiring.next.close();
        IOException first = failure.get();
        return first == null ? e : first;
    }
}
