package io.unifiedlatents.core.telemetry;

import java.io.IOException;
import java.io.Serializable;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The memory of this process. What is resident beyond heap and direct memory is native: libtorch's tensors (on a CPU it
 * keeps no count of them), its code, and the virtual machine.
 *
 * @param residentBytes in main memory; −1 where the system does not say
 * @param heapBytes of Java objects, with those that nobody holds any more
 * @param directBytes of Java's buffers outside the heap
 */
public record MemoryUse(long residentBytes, long heapBytes, long directBytes) implements Serializable {
    private static final Path STATUS = Path.of("/proc/self/status");

    /** The memory of this process now. */
    public static MemoryUse now() {
        long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        return new MemoryUse(
                resident(),
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                direct);
    }

    private static long resident() {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", ""))) // given in kB
                    .findFirst()
                    .orElse(-1);
        } catch (IOException e) {
            return -1; // not Linux
        }
    }
}
