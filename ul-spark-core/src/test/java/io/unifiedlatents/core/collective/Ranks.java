package io.unifiedlatents.core.collective;

import io.unifiedlatents.core.collective.ring.Encryption;
import io.unifiedlatents.core.collective.ring.TcpRing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Ranks as threads of this process. */
public final class Ranks {
    public static final byte[] SECRET = "a secret of the test run".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    /** What one rank does. */
    public interface Body<T> {
        T run(Collective collective) throws Exception;
    }

    private Ranks() {}

    /** Connects a ring over loopback, without encryption. */
    public static List<Collective> ring(int worldSize, Duration timeout) throws Exception {
        return ring(worldSize, Encryption.NONE, timeout);
    }

    /** Connects a ring over loopback. */
    public static List<Collective> ring(int worldSize, Encryption encryption, Duration timeout) throws Exception {
        List<TcpRing.Listener> listeners = new ArrayList<>();
        List<String> addresses = new ArrayList<>();
        for (int rank = 0; rank < worldSize; rank++) {
            TcpRing.Listener listener = TcpRing.Listener.open("127.0.0.1", 0, 0);
            listeners.add(listener);
            addresses.add(listener.address());
        }
        List<Callable<Collective>> calls = new ArrayList<>();
        for (int rank = 0; rank < worldSize; rank++) {
            int own = rank;
            calls.add(() -> listeners.get(own).connect(own, addresses, "run-1", SECRET, encryption, timeout));
        }
        return all(calls);
    }

    /** Runs the body on every rank and returns the results in rank order. */
    public static <T> List<T> run(List<Collective> ranks, Body<T> body) throws Exception {
        List<Callable<T>> calls = new ArrayList<>();
        for (Collective rank : ranks) {
            calls.add(() -> body.run(rank));
        }
        return all(calls);
    }

    /** Runs all calls at once; throws the first failure after all have ended. */
    public static <T> List<T> all(List<Callable<T>> calls) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(calls.size());
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> future : threads.invokeAll(calls, 60, TimeUnit.SECONDS)) {
                results.add(future.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }
}
