package io.unifiedlatents.core.telemetry;

import com.google.errorprone.annotations.FormatMethod;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The lines that a person at the driver's terminal reads, on standard output; logs go to SLF4J. Thread safe. */
public final class Console {
    private static final List<Consumer<String>> LISTENERS = new CopyOnWriteArrayList<>();

    /** A registration of a listener, which closing ends. */
    public interface Listening extends AutoCloseable {
        @Override
        void close();
    }

    private Console() {}

    /** Prints a text and ends its line. */
    public static void println(String text) {
        System.out.println(text);
        LISTENERS.forEach(listener -> listener.accept(text));
    }

    /** Prints a formatted text and ends its line. */
    @FormatMethod
    public static void printf(String format, @Nullable Object... values) {
        println(String.format(format, values));
    }

    /** Also gives every text printed by any thread to a listener until the result is closed, as tests do. */
    public static Listening listen(Consumer<String> listener) {
        LISTENERS.add(listener);
        return () -> LISTENERS.remove(listener);
    }
}
