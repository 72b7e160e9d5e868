package io.unifiedlatents.core.spark.ranks;

import io.unifiedlatents.core.collective.PeerLostException;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.train.NonFiniteException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import org.apache.hadoop.security.AccessControlException;
import org.jspecify.annotations.Nullable;

/** Why a rank failed, as far as it decides what to do next. */
public enum Cause {
    /** A setting, a path, a permission or a model that does not fit. */
    USER(false),
    /** Shards or latents that are damaged or gone. */
    DATA(false),
    /** A loss or gradient that is no number. */
    NUMERICS(false),
    /** Memory of host or device ran out. */
    MEMORY(false),
    /** A full disk or a spent quota. */
    STORAGE(false),
    /** A process, machine or device that died or hangs. */
    HARDWARE(true),
    /** A peer or a store that cannot be reached. */
    NETWORK(true),
    /** A machine that the cluster takes back. */
    PREEMPTION(true),
    /** Anything else: a fault of this program until shown otherwise. */
    INTERNAL(false);

    private final boolean healable;

    Cause(boolean healable) {
        this.healable = healable;
    }

    /** Whether another attempt from the last checkpoint may succeed. */
    public boolean healable() {
        return healable;
    }

    /** The class of an exception on a rank, by the innermost cause that tells. */
    static Cause of(Throwable thrown) {
        Cause found = INTERNAL;
        for (Throwable t = thrown; t != null; t = next(t)) {
            Cause own = ofOne(t);
            found = own == INTERNAL ? found : own;
        }
        return found;
    }

    /** The class of the reason that Spark gives for a lost executor. */
    static Cause ofLostExecutor(String reason) {
        String text = reason.toLowerCase(Locale.ROOT);
        if (text.contains("code 143") || text.contains("decommission") || text.contains("preempt")) {
            return PREEMPTION;
        }
        boolean memory = text.contains("code 52") || text.contains("memory limit") || text.contains("oomkilled");
        return memory ? MEMORY : HARDWARE;
    }

    private static Cause ofOne(Throwable t) {
        String text = String.valueOf(t.getMessage()).toLowerCase(Locale.ROOT);
        if (t instanceof ConfigException) {
            return USER;
        } else if (t instanceof AccessDeniedException
                || t instanceof AccessControlException
                || text.contains("permission denied")) {
            return USER;
        } else if (t instanceof CorruptDataException
                || t instanceof FileNotFoundException
                || t instanceof NoSuchFileException) {
            return DATA;
        } else if (t instanceof NonFiniteException) {
            return NUMERICS;
        } else if (t instanceof OutOfMemoryError
                || text.contains("out of memory")
                || text.contains("allocate memory")) {
            return MEMORY;
        } else if (text.contains("no space left") || text.contains("quota exceeded")) {
            return STORAGE;
        } else if (text.contains("cuda error") || text.contains("nccl error")) {
            return HARDWARE;
        } else if (t instanceof IOException) {
            return NETWORK;
        }
        return INTERNAL;
    }

    /** Whether an exception only says that the attempt ended elsewhere. */
    static boolean isConsequence(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = next(t)) {
            if (t instanceof PeerLostException || t instanceof InterruptedException) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable Throwable next(Throwable t) {
        return t.getCause() == t ? null : t.getCause();
    }
}
