package io.unifiedlatents.dataprep;

import io.unifiedlatents.dataprep.source.UnusableInput;
import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs calls in turn, and gives up on one that takes too long; its thread goes on unobserved. */
final class TimeLimit implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(TimeLimit.class);

    private final int seconds;
    private ExecutorService thread = newThread();

    TimeLimit(int seconds) {
        this.seconds = seconds;
    }

    /**
     * Returns the result of the call.
     *
     * @param input named in the log
     * @throws UnusableInput where the call takes too long, throws it itself, or fails unexpectedly
     * @throws IOException where the call throws it
     */
    <T> T call(String input, Callable<T> call) throws UnusableInput, IOException {
        Future<T> result = thread.submit(call);
        try {
            return result.get(seconds, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            thread.shutdown(); // no interrupt: it could close the file that samples go to
            thread = newThread();
            throw new UnusableInput("time limit: not done within prepare.secondsPerInput=" + seconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while working on " + input, e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof UnusableInput unusable) {
                throw unusable;
            }
            if (cause instanceof IOException storage) {
                throw new IOException("working on " + input + ": " + storage.getMessage(), storage);
            }
            if (cause instanceof Error error) {
                throw error;
            }
            LOG.warn("{} fails unexpectedly", input, cause);
            throw new UnusableInput("unexpected error: " + cause);
        }
    }

    @Override
    public void close() {
        thread.shutdown();
    }

    private static ExecutorService newThread() {
        return Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "make samples");
            thread.setDaemon(true);
            return thread;
        });
    }
}
