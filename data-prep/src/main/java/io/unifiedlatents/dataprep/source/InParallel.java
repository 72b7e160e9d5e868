package io.unifiedlatents.dataprep.source;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Requests to a store that the driver makes at once, for each mostly waits. */
final class InParallel {
    /** A multiple of the cores of a driver; below S3A's default of 96 connections. */
    private static final int THREADS = 16;

    private InParallel() {}

    /** A request. */
    interface Request<T, R> {
        R of(T item) throws IOException;
    }

    /** The answers, in the order of the items; fails with the first failure in that order. */
    static <T, R> List<R> map(List<T> items, Request<T, R> request) throws IOException {
        ExecutorService threads = Executors.newFixedThreadPool(Math.max(1, Math.min(THREADS, items.size())));
        try {
            List<Callable<R>> requests = new ArrayList<>(items.size());
            items.forEach(item -> requests.add(() -> request.of(item)));
            List<R> results = new ArrayList<>(items.size());
            for (Future<R> answer : threads.invokeAll(requests)) {
                results.add(answer.get());
            }
            return results;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            throw cause instanceof IOException io ? io : new IOException(cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while listing");
        } finally {
            threads.shutdownNow();
        }
    }
}
