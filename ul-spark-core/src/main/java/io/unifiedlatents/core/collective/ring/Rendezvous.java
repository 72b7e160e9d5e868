package io.unifiedlatents.core.collective.ring;

import io.unifiedlatents.core.collective.PeerLostException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the two neighbours of one rank: dials the next and admits the previous, at the same time. Used once; closing it
 * ends all threads and the port, and leaves the two links to the ring.
 */
final class Rendezvous implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Rendezvous.class);

    /** Callers who may be in the handshake at once, and how long each may take: strangers cost no more than this. */
    private static final int CALLERS = 16;

    private static final long CALLER_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long FIRST_RETRY_MILLIS = 20;
    private static final long LAST_RETRY_MILLIS = 1000;

    private final ServerSocketChannel server;
    private final Handshake handshake;
    private final int rank;
    private final List<String> addresses;
    private final Duration timeout;
    private final long deadlineNanos;
    private final CompletableFuture<Neighbour> previous = new CompletableFuture<>();
    private final Semaphore callers = new Semaphore(CALLERS);
    private final ExecutorService threads;
    private boolean wired;

    Rendezvous(ServerSocketChannel server, Handshake handshake, int rank, List<String> addresses, Duration timeout) {
        this.server = server;
        this.handshake = handshake;
        this.rank = rank;
        this.addresses = List.copyOf(addresses);
        this.timeout = timeout;
        this.deadlineNanos = System.nanoTime() + timeout.toNanos();
        this.threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "ring-rendezvous-" + rank);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Waits for both links. */
    TcpRing.Wiring wire(long run) throws IOException {
        threads.execute(this::acceptCallers);
        Neighbour next = dialNext();
        try {
            Neighbour caller = awaitPrevious();
            wired = true;
            return new TcpRing.Wiring(rank, addresses, caller, next, run, timeout);
        } catch (IOException e) {
            next.close();
            throw e;
        }
    }

    private Neighbour dialNext() throws IOException {
        int peer = (rank + 1) % addresses.size();
        long retryMillis = FIRST_RETRY_MILLIS;
        while (true) {
            try {
                return dial(peer);
            } catch (IOException e) {
                LOG.debug("rank {} at {}", peer, addresses.get(peer), e);
                long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
                if (leftMillis <= retryMillis) {
                    throw lost(peer, "could not connect within " + timeout.toMillis() + " ms: " + e.getMessage(), e);
                }
            }
            try {
                Thread.sleep(retryMillis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while connecting to rank " + peer);
            }
            retryMillis = Math.min(LAST_RETRY_MILLIS, 2 * retryMillis);
        }
    }

    private Neighbour dial(int peer) throws IOException {
        Link link = Link.dial(parse(addresses.get(peer)), deadlineNanos);
        try {
            return new Neighbour(link, handshake.introduce(link, peer, callDeadline()));
        } catch (IOException e) {
            link.close();
            throw e;
        }
    }

    private Neighbour awaitPrevious() throws IOException {
        int peer = Math.floorMod(rank - 1, addresses.size());
        try {
            return previous.get(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw lost(peer, "it did not call within " + timeout.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw lost(peer, "the port failed: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for rank " + peer);
        }
    }

    private void acceptCallers() {
        try {
            while (!previous.isDone()) {
                callers.acquire();
                handOver(server.accept());
            }
        } catch (ClosedChannelException | InterruptedException e) {
            LOG.trace("no more callers", e); // closed: the ring is complete or has failed
        } catch (IOException e) {
            previous.completeExceptionally(e);
        }
    }

    private void handOver(SocketChannel caller) throws IOException {
        try {
            threads.execute(() -> admit(caller));
        } catch (RejectedExecutionException e) {
            caller.close(); // it came as the port closed
        }
    }

    private void admit(SocketChannel caller) {
        int peer = Math.floorMod(rank - 1, addresses.size());
        Link link = null;
        String address = "unknown address";
        try {
            link = new Link(caller);
            address = link.address();
            FrameCipher cipher = handshake.admit(link, peer, callDeadline());
            if (previous.complete(new Neighbour(link, cipher))) {
                link = null; // now the ring's
            }
        } catch (IOException e) {
            if (!previous.isDone()) {
                LOG.warn("refused caller {} at rank {}: {}", address, rank, e.getMessage());
            }
        } finally {
            callers.release();
            if (link != null) {
                link.close();
            }
        }
    }

    private long callDeadline() {
        long now = System.nanoTime();
        return now + Math.min(CALLER_NANOS, deadlineNanos - now);
    }

    private PeerLostException lost(int peer, String reason, Exception cause) {
        return new PeerLostException(peer, addresses.get(peer), "connect", "start", reason, cause);
    }

    private static InetSocketAddress parse(String address) {
        int colon = address.lastIndexOf(':');
        String host = address.substring(0, colon);
        String plain = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        return new InetSocketAddress(plain, Integer.parseInt(address.substring(colon + 1)));
    }

    @Override
    public void close() throws IOException {
        server.close();
        threads.shutdownNow();
        if (!wired && !previous.cancel(false) && !previous.isCompletedExceptionally()) {
            previous.join().close(); // admitted, but the next rank was not found
        }
    }
}
