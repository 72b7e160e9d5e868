package io.unifiedlatents.core.config;

import java.util.Locale;

/** The kind of device that computes networks. */
public enum DeviceKind {
    /** The GPU that Spark gave the task, else the CPU. */
    AUTO,
    /** The CPU, even where there is a GPU. */
    CPU,
    /** A GPU; a task without one fails. */
    GPU;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
