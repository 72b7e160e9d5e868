package io.unifiedlatents.core.torchscript;

import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.data.Hashes;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * The order of named parameters in the one flat float32 vector that holds a model. Parameters keep the order in which
 * the networks asked for them, so a sub-network is one contiguous range.
 *
 * <p>Convolution weights are stored (out, kernel extents..., in): the channels-last order that the convolutions compute
 * in.
 */
public final class ParameterLayout {
    /**
     * One parameter.
     *
     * @param name path of the layer and role, as in {@code decoder.down.1.conv1.weight}
     * @param offset first element in the flat vector
     * @param shape extents, row-major
     * @param initializer how it starts
     */
    public record Entry(String name, long offset, List<Long> shape, Initializer initializer) {
        /** Number of elements. */
        public long size() {
            return shape.stream().reduce(1L, (a, b) -> a * b);
        }

        /** First element behind this parameter. */
        public long end() {
            return offset + size();
        }
    }

    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private long size;

    /** An empty layout; graphs add to it while they are written. */
    public ParameterLayout() {}

    /** The entry of a name, added where it is new. */
    Entry require(String name, Initializer initializer, Shape shape) {
        List<Long> extents = LongStream.of(shape.extents()).boxed().toList();
        Entry entry = entries.get(name);
        if (entry == null) {
            entry = new Entry(name, size, extents, initializer);
            entries.put(name, entry);
            size = entry.end();
        }
        Check.argument(
                entry.shape().equals(extents),
                "%s: parameter has shape %s elsewhere and %s here",
                name,
                entry.shape(),
                extents);
        return entry;
    }

    /** Number of float32 elements of the flat vector. */
    public long size() {
        return size;
    }

    /** All parameters in the order of the flat vector. */
    public List<Entry> entries() {
        return List.copyOf(entries.values());
    }

    /**
     * The parameter of this name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public Entry entry(String name) {
        Entry entry = entries.get(name);
        Check.argument(entry != null, "no parameter is called %s; there are %s others", name, entries.size());
        return Objects.requireNonNull(entry);
    }

    /**
     * The parameters below a path as a layout of their own, starting at offset 0 under the same names.
     *
     * @throws IllegalArgumentException if there are none, or if they do not lie side by side
     */
    public ParameterLayout part(String path) {
        ParameterLayout part = new ParameterLayout();
        long begin = begin(path);
        for (Entry entry : below(path)) {
            Check.argument(
                    entry.offset() == begin + part.size, "parameters of %s are not contiguous in the layout", path);
            part.entries.put(entry.name(), new Entry(entry.name(), part.size, entry.shape(), entry.initializer()));
            part.size += entry.size();
        }
        return part;
    }

    /** Whether there are parameters below a path. */
    public boolean has(String path) {
        return !below(path).isEmpty();
    }

    private List<Entry> below(String path) {
        return entries.values().stream()
                .filter(entry -> entry.name().startsWith(path + "."))
                .toList();
    }

    /** Offset of the first parameter below a path. */
    public long begin(String path) {
        return below(path).stream()
                .mapToLong(Entry::offset)
                .min()
                .orElseThrow(() -> new IllegalArgumentException("no parameter lies below " + path));
    }

    /**
     * Fills a flat vector with start values; each parameter has its own stream of random numbers, keyed by its name, so
     * that adding a layer does not change how the others start.
     *
     * @param target at least {@link #size()} elements
     */
    public void initialize(FloatBuffer target, long seed) {
        for (Entry entry : entries.values()) {
            fill(entry, target.slice(Math.toIntExact(entry.offset()), Math.toIntExact(entry.size())), seed);
        }
    }

    /** As {@link #initialize(FloatBuffer, long)}, for vectors of any length. */
    public void initialize(FloatVector target, long seed) {
        for (Entry entry : entries.values()) {
            int size = Math.toIntExact(entry.size());
            FloatBuffer view = target.slice(entry.offset(), size);
            if (view.remaining() == size) {
                fill(entry, view, seed);
            } else { // it lies in two segments
                FloatBuffer whole = FloatBuffer.allocate(size);
                fill(entry, whole, seed);
                target.set(FloatVector.copyOf(whole.array()), entry.offset());
            }
        }
    }

    private static void fill(Entry entry, FloatBuffer values, long seed) {
        long hash = Long.parseUnsignedLong(Hashes.sha256(entry.name()).substring(0, 16), 16);
        entry.initializer().fill(values, seed ^ hash);
    }

    /** Identifies names, shapes and order: two models with the same hash can exchange flat vectors. */
    public String hash() {
        String text = entries.values().stream()
                .map(entry -> entry.name() + entry.shape() + "\n")
                .collect(Collectors.joining());
        return Hashes.sha256(text).substring(0, 32);
    }
}
