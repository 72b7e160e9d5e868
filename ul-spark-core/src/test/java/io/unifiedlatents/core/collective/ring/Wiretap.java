package io.unifiedlatents.core.collective.ring;

import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.Ranks;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * Someone between a rank and the next: passes the handshake on as it is, then each encrypted frame as the
 * {@link Attack} wants it, and closes the connection when the rank does.
 */
final class Wiretap implements Closeable {
    /** What becomes of a frame: header, ciphertext and tag. */
    interface Attack {
        /** The byte strings to pass on instead of frame {@code number}; after an empty list the tap closes. */
        List<byte[]> on(int number, byte[] frame);
    }

    private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final ByteArrayOutputStream seen = new ByteArrayOutputStream();
    private final String target;
    private final Attack attack;

    Wiretap(String target, Attack attack) throws IOException {
        this.target = target;
        this.attack = attack;
        start(this::forward);
    }

    /**
     * An encrypted ring of two whose frames from rank 0 to rank 1 pass a tap.
     *
     * @param taps gets the tap, which the caller closes
     */
    static List<Collective> ring(Attack attack, List<Wiretap> taps) throws Exception {
        TcpRing.Listener first = TcpRing.Listener.open("127.0.0.1", 0, 0);
        TcpRing.Listener second = TcpRing.Listener.open("127.0.0.1", 0, 0);
        Wiretap tap = new Wiretap(second.address(), attack);
        taps.add(tap);
        List<String> addresses = List.of(first.address(), tap.address());
        return Ranks.all(List.of(() -> connect(first, 0, addresses), () -> connect(second, 1, addresses)));
    }

    private static Collective connect(TcpRing.Listener listener, int rank, List<String> addresses) throws Exception {
        return listener.connect(rank, addresses, "run-1", Ranks.SECRET, Encryption.AES_256_GCM, Duration.ofSeconds(30));
    }

    String address() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /** All bytes of frames that came by. */
    synchronized byte[] seen() {
        return seen.toByteArray();
    }

    private interface Task {
        void run() throws IOException;
    }

    private static void start(Task task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (IOException e) {
                LoggerFactory.getLogger(Wiretap.class).debug("tap ends", e);
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private void forward() throws IOException {
        int colon = target.lastIndexOf(':');
        try (Socket from = server.accept();
                Socket to = new Socket(target.substring(0, colon), Integer.parseInt(target.substring(colon + 1)))) {
            start(() -> to.getInputStream().transferTo(from.getOutputStream()));
            DataInputStream in = new DataInputStream(from.getInputStream());
            OutputStream out = to.getOutputStream();
            out.write(in.readNBytes(FrameLayout.HELLO_BYTES));
            out.write(in.readNBytes(FrameLayout.ANSWER_BYTES));
            for (int number = 0; ; number++) {
                List<byte[]> passed = attack.on(number, frame(in));
                if (passed.isEmpty()) {
                    return;
                }
                for (byte[] bytes : passed) {
                    out.write(bytes);
                }
            }
        }
    }

    private byte[] frame(DataInputStream in) throws IOException {
        byte[] header = new byte[FrameLayout.FRAME_HEADER_BYTES];
        in.readFully(header);
        int length = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getInt(FrameLayout.FRAME_LENGTH_OFFSET);
        byte[] frame = new byte[header.length + length + FrameLayout.TAG_BYTES];
        System.arraycopy(header, 0, frame, 0, header.length);
        in.readFully(frame, header.length, frame.length - header.length);
        synchronized (this) {
            seen.write(frame);
        }
        return frame;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
