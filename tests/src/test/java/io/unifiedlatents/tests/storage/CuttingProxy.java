package io.unifiedlatents.tests.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Passes HTTP on to a server, which it kills in the middle of one upload: when the headers and the first half of what
 * follows them have been passed on.
 */
final class CuttingProxy implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final S3Server server;
    private final AtomicReference<String> victim = new AtomicReference<>();
    private final CountDownLatch cut = new CountDownLatch(1);

    CuttingProxy(S3Server server) throws IOException {
        this.server = server;
        thread(() -> {
            while (true) {
                Socket client = listener.accept();
                Socket upstream;
                try {
                    upstream = new Socket(InetAddress.getLoopbackAddress(), server.port());
                } catch (IOException e) {
                    client.close(); // the server is dead
                    continue;
                }
                thread(() -> pass(client, upstream, true));
                thread(() -> pass(upstream, client, false));
            }
        });
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Kills the server in the first upload of a file of this name. */
    void killDuring(String name) {
        victim.set(name);
    }

    /** Waits until that has happened. */
    boolean awaitKill() throws InterruptedException {
        return cut.await(2, TimeUnit.MINUTES);
    }

    private void pass(Socket from, Socket to, boolean requests) throws IOException, InterruptedException {
        byte[] block = new byte[1 << 16];
        boolean found = false;
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(block); count >= 0; count = in.read(block)) {
                if (found) { // the content, which follows once the server has agreed to it
                    out.write(block, 0, count / 2);
                    out.flush();
                    server.kill();
                    cut.countDown();
                    return;
                }
                out.write(block, 0, count);
                found = requests && isVictim(new String(block, 0, count, StandardCharsets.ISO_8859_1));
            }
        }
    }

    private boolean isVictim(String request) {
        String name = victim.get();
        return name != null
                && request.startsWith("PUT ")
                && request.substring(0, request.indexOf('\n')).contains(name)
                && victim.compareAndSet(name, null);
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private static void thread(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        // closed: by one end, or with the proxy
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
