package io.unifiedlatents.core.collective.ring;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One TCP connection with deadlines on whole transfers. One thread at a time reads or writes; any thread may close it,
 * which wakes the one that waits.
 */
final class Link implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(Link.class);

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final String address;

    /** Takes over a connected channel, and closes it on failure. */
    Link(SocketChannel channel) throws IOException {
        this.channel = channel;
        try {
            address = String.valueOf(channel.getRemoteAddress());
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            channel.configureBlocking(false);
            selector = Selector.open();
            key = channel.register(selector, 0);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Connects to {@code host:port} before the deadline. */
    static Link dial(InetSocketAddress target, long deadlineNanos) throws IOException {
        if (target.isUnresolved()) {
            throw new IOException("host " + target.getHostString() + " cannot be resolved");
        }
        SocketChannel channel = SocketChannel.open();
        try {
            channel.socket().connect(target, millisUntil(deadlineNanos));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        return new Link(channel);
    }

    /** Fills the buffer from its position to its limit. */
    void read(ByteBuffer target, long deadlineNanos) throws IOException {
        while (target.hasRemaining()) {
            int count = channel.read(target);
            if (count < 0) {
                throw new EOFException("the peer closed the connection");
            }
            if (count == 0) {
                await(SelectionKey.OP_READ, deadlineNanos);
            }
        }
    }

    /** Sends all of these buffers, in order. */
    void write(ByteBuffer[] sources, long deadlineNanos) throws IOException {
        int first = 0;
        while (first < sources.length) {
            if (!sources[first].hasRemaining()) {
                first++;
            } else if (channel.write(sources, first, sources.length - first) == 0) {
                await(SelectionKey.OP_WRITE, deadlineNanos);
            }
        }
    }

    private void await(int operation, long deadlineNanos) throws IOException {
        long left = deadlineNanos - System.nanoTime();
        if (left <= 0) {
            throw new SocketTimeoutException(
                    operation == SelectionKey.OP_READ ? "no data in time" : "the peer did not take data in time");
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("interrupted while waiting for " + address);
        }
        try {
            key.interestOps(operation);
            selector.select(Math.max(1, left / 1_000_000));
            selector.selectedKeys().clear();
        } catch (CancelledKeyException | ClosedSelectorException e) {
            ClosedChannelException closed = new ClosedChannelException();
            closed.initCause(e);
            throw closed;
        }
    }

    private static int millisUntil(long deadlineNanos) throws SocketTimeoutException {
        long millis = (deadlineNanos - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
            throw new SocketTimeoutException("no connection in time");
        }
        return (int) Math.min(Integer.MAX_VALUE, millis);
    }

    /** The peer's address as the socket sees it. */
    String address() {
        return address;
    }

    @Override
    public void close() {
        try {
            channel.close();
            selector.close();
        } catch (IOException e) {
            LOG.debug("closing {}", address, e);
        }
    }
}
