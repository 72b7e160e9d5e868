package io.unifiedlatents.core.checkpoint;

import io.unifiedlatents.core.checkpoint.CheckpointManifest.FileEntry;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.collective.Partition;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.lease.Fence;
import io.unifiedlatents.core.lease.Lineage;
import io.unifiedlatents.core.lease.WriterId;
import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.SafeTensors;
import io.unifiedlatents.core.storage.Storage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a stage: {@code checkpoints/step-<12 digits>-<writer>/} in its directory, each with one
 * safetensors file per writing rank and {@code manifest.json}, which is published last: without it there is no
 * checkpoint. Those count that are of the writer whom the {@link Lineage} names for their step.
 *
 * <p>Reading is thread safe. Several processes may write, each as a writer of its own: {@link Fence} stops all but the
 * newest, and what one of the others still publishes does not count.
 */
public final class Checkpoints {
    static final String MANIFEST = "manifest.json";

    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
    private static final Pattern DIRECTORY = Pattern.compile("step-(\\d{12})((?:-\\d{1,12}\\.\\d{1,9})?)");

    private final Storage stage;
    private final Storage root;
    private final Fence fence;

    /** Files whose digests have been found right by this object. */
    private final Set<String> verified = ConcurrentHashMap.newKeySet();

    /** A directory of a checkpoint, committed or not. */
    private record Stored(long step, WriterId writer) {
        static Optional<Stored> parse(String name) {
            Matcher matcher = DIRECTORY.matcher(name);
            return matcher.matches()
                    ? Optional.of(new Stored(Long.parseLong(matcher.group(1)), WriterId.ofSuffix(matcher.group(2))))
                    : Optional.empty();
        }
    }

    private Checkpoints(Storage stage, Storage root, WriterId writer) {
        this.stage = stage;
        this.root = root;
        this.fence = new Fence(stage, writer);
    }

    /** The checkpoints of a stage, to be read; its directory need not exist yet. */
    public static Checkpoints at(Storage stage) {
        return at(stage, WriterId.NONE);
    }

    /** The checkpoints of a stage, to be read, and to be written by one writer. */
    public static Checkpoints at(Storage stage, WriterId writer) {
        return new Checkpoints(stage, stage.directory("checkpoints"), writer);
    }

    /** The checkpoints in any directory, to be read by their names, see {@link #named}. */
    public static Checkpoints in(Storage directory) {
        return new Checkpoints(directory, directory, WriterId.NONE);
    }

    /**
     * The manifest of a checkpoint by the name of its directory, whether it counts or not.
     *
     * @return empty where no checkpoint's directory has such a name
     * @throws CorruptDataException if it is not committed or damaged
     */
    public Optional<CheckpointManifest> named(String name) throws IOException {
        Optional<Stored> stored = Stored.parse(name);
        return stored.isEmpty() ? Optional.empty() : Optional.of(manifest(stored.get().step, stored.get().writer));
    }

    /** Steps of the checkpoints that are committed and count, ascending. */
    public List<Long> committed() throws IOException {
        return committed(Lineage.of(stage));
    }

    private List<Long> committed(Lineage lineage) throws IOException {
        List<Long> steps = new ArrayList<>();
        for (Stored stored : stored()) {
            if (counts(stored, lineage) && directory(stored).exists(MANIFEST)) {
                steps.add(stored.step);
            }
        }
        return steps;
    }

    private static boolean counts(Stored stored, Lineage lineage) {
        return lineage.writerOf(stored.step).equals(stored.writer);
    }

    /** The newest checkpoint whose manifest is sound and whose files all exist at the right length; digests unseen. */
    public Optional<CheckpointManifest> newest() throws IOException {
        return newest(false);
    }

    /**
     * The newest checkpoint of which every byte is as it was written; damaged newer ones are logged and passed over.
     * Reads all of its files, so one process does it for the whole run.
     *
     * @return empty if nothing was ever committed
     * @throws CorruptDataException if checkpoints were committed but none is readable
     */
    public Optional<CheckpointManifest> newestReadable() throws IOException {
        Optional<CheckpointManifest> found = newest(true);
        List<Long> steps = committed();
        if (found.isEmpty() && !steps.isEmpty()) {
            throw new CorruptDataException("none of the checkpoints of steps " + steps + " in " + root
                    + " is readable; restore one, or remove the directory to start over");
        }
        return found;
    }

    /**
     * Reads the manifest of one checkpoint.
     *
     * @throws CorruptDataException if it is not committed or damaged
     */
    public CheckpointManifest manifest(long step) throws IOException {
        return manifest(step, Lineage.of(stage).writerOf(step));
    }

    private CheckpointManifest manifest(long step, WriterId writer) throws IOException {
        Storage directory = directory(new Stored(step, writer));
        String file = directory.path(MANIFEST).toString();
        try {
            return CheckpointManifest.parse(file, directory.read(MANIFEST), step, writer);
        } catch (FileNotFoundException e) {
            throw CheckpointManifest.corrupt(file, "missing, so step " + step + " was never committed", e);
        }
    }

    /** Writes one rank's shard of a checkpoint and the note that describes it; without communication. */
    void writeShard(long step, int rank, Partition partition, Map<String, FloatVector> ownRanges) throws IOException {
        Check.argument(step >= 0 && step < 1_000_000_000_000L, "step=%s must have at most 12 digits", step);
        long begin = partition.begin(rank);
        long end = partition.end(rank);
        List<SafeTensors.Source> tensors = new ArrayList<>();
        new TreeMap<>(ownRanges).forEach((name, vector) -> {
            Check.argument(
                    vector.size() == end - begin,
                    "vector %s has %s values, rank %s owns [%s, %s)",
                    name,
                    vector.size(),
                    rank,
                    begin,
                    end);
            tensors.add(new SafeTensors.Source(name, vector.size(), vector.slices()));
        });
        Map<String, String> metadata = new TreeMap<>();
        metadata.put("begin", Long.toString(begin));
        metadata.put("end", Long.toString(end));
        metadata.put("size", Long.toString(partition.size()));
        String name = shardName(rank, partition.worldSize());
        Storage directory = ownDirectory(step);
        SafeTensors.Written written = SafeTensors.write(directory, name, metadata, tensors);
        FileEntry entry = new FileEntry(name, written.bytes(), written.sha256(), rank, begin, end);
        directory.publish(noteName(name), CheckpointManifest.JSON.writeValueAsBytes(entry));
    }

    /**
     * Commits a checkpoint whose shards are all there, by publishing its manifest; called by one rank.
     *
     * @throws io.unifiedlatents.core.lease.LeaseException if a newer writer has come
     */
    void commit(long step, long samplesPerStream, Partition partition, Set<String> vectors, CheckpointHeader header)
            throws IOException {
        Map<String, Long> sizes = new HashMap<>();
        vectors.forEach(name -> sizes.put(name, partition.size()));
        CheckpointManifest manifest = new CheckpointManifest(
                CheckpointManifest.FORMAT_VERSION,
                step,
                fence.writer(),
                partition.worldSize(),
                sizes,
                samplesPerStream,
                header.layoutHash(),
                header.parameters(),
                header.scriptHash(),
                header.identityHash(),
                header.config(),
                header.extra(),
                notes(step, partition));
        fence.check();
        ownDirectory(step).publish(MANIFEST, manifest.toJson()); // the commit
    }

    /**
     * Declares that the writer goes on from a checkpoint, so that nothing counts any more that others write behind it;
     * then removes what does not count: what failed attempts left, and checkpoints found damaged. Called by one rank.
     *
     * @param resumed the checkpoint that training goes on from; null where it begins
     * @throws io.unifiedlatents.core.lease.LeaseException if a newer writer has come
     */
    void begin(@Nullable CheckpointManifest resumed) throws IOException {
        fence.check();
        long step = resumed == null ? 0 : resumed.step();
        Lineage before = Lineage.of(stage);
        if (resumed != null && !before.writerOf(step).equals(resumed.writer())) {
            throw new IOException(
                    "the checkpoint of step %d in %s by writer %s has ceased to count while it was read; a"
                                    .formatted(step, root, resumed.writer())
                            + " retry starts from the one that counts");
        }
        Lineage lineage = before.next(fence.writer(), step);
        lineage.publish(stage);
        fence.check();
        for (Stored stored : stored()) {
            if (mayRemove(stored) && (stored.step > step || !counts(stored, lineage))) {
                LOG.info("removing {} of {}, which does not count", name(stored), root);
                remove(stored);
            }
        }
    }

    /** Never what a newer writer has written: this one may have been overtaken since it last looked. */
    private boolean mayRemove(Stored stored) {
        return stored.writer.compareTo(fence.writer()) <= 0;
    }

    /**
     * Reads a range of a vector, whatever ranks wrote it. The first time a file is touched its digest is checked, so
     * damage is found before a value is used.
     *
     * @param into receives elements {@code begin} to before {@code end}; of just that length
     * @throws CorruptDataException if a file is missing, cut or altered; {@code into} is then undefined
     */
    public void read(CheckpointManifest manifest, String vector, long begin, long end, FloatVector into)
            throws IOException {
        Long size = manifest.vectors().get(vector);
        if (size == null) {
            throw new IllegalArgumentException("no vector " + vector + " in the checkpoint of step " + manifest.step()
                    + "; it has " + manifest.vectors().keySet());
        }
        Check.argument(
                0 <= begin && begin <= end && end <= size, "range [%s, %s) outside %s of %s", begin, end, vector, size);
        Check.argument(into.size() == end - begin, "range [%s, %s) read into %s values", begin, end, into.size());
        Storage directory = directory(new Stored(manifest.step(), manifest.writer()));
        for (FileEntry entry : manifest.files()) {
            long from = Math.max(begin, entry.begin());
            long to = Math.min(end, entry.end());
            if (from < to) {
                verify(directory, entry);
                try (SafeTensors file = SafeTensors.open(directory, entry.name())) {
                    FloatVector target = into.range(from - begin, to - begin);
                    file.read(vector, from - entry.begin(), to - entry.begin(), target.slices());
                }
            }
        }
    }

    /**
     * Removes old checkpoints: keeps the newest {@code keepLast} committed ones and every one whose step is a multiple
     * of {@code keepEvery}; also removes what does not count. Called by one rank, not beside a write.
     *
     * @param keepLast at least 1
     * @param keepEvery in steps; 0 keeps none for this reason
     * @return the steps removed, ascending
     * @throws io.unifiedlatents.core.lease.LeaseException if a newer writer has come
     */
    public List<Long> retain(int keepLast, long keepEvery) throws IOException {
        Check.setting(keepLast >= 1, "keepLast=%s must be at least 1", keepLast);
        Check.setting(keepEvery >= 0, "keepEvery=%s must not be negative", keepEvery);
        fence.check();
        Lineage lineage = Lineage.of(stage);
        List<Long> committed = committed(lineage);
        List<Long> removed = new ArrayList<>();
        if (committed.isEmpty()) {
            return removed;
        }
        long newest = committed.get(committed.size() - 1);
        List<Long> last = committed.subList(Math.max(0, committed.size() - keepLast), committed.size());
        for (Stored stored : stored()) {
            long step = stored.step;
            boolean kept = counts(stored, lineage)
                    && (committed.contains(step)
                            ? last.contains(step) || (keepEvery > 0 && step % keepEvery == 0)
                            : step > newest);
            if (!kept && mayRemove(stored)) {
                remove(stored);
                removed.add(step);
            }
        }
        return removed;
    }

    private Optional<CheckpointManifest> newest(boolean digests) throws IOException {
        Lineage lineage = Lineage.of(stage);
        List<Long> steps = committed(lineage);
        for (int i = steps.size() - 1; i >= 0; i--) {
            try {
                CheckpointManifest manifest = manifest(steps.get(i), lineage.writerOf(steps.get(i)));
                Storage directory = directory(new Stored(manifest.step(), manifest.writer()));
                for (FileEntry entry : manifest.files()) {
                    checkLength(directory, entry);
                    if (digests) {
                        verify(directory, entry);
                    }
                }
                return Optional.of(manifest);
            } catch (CorruptDataException e) {
                LOG.warn("passing over a checkpoint: {}", e.getMessage());
            }
        }
        return Optional.empty();
    }

    private List<FileEntry> notes(long step, Partition partition) throws IOException {
        Storage directory = ownDirectory(step);
        List<FileEntry> entries = new ArrayList<>();
        for (int rank = 0; rank < partition.worldSize(); rank++) {
            String name = shardName(rank, partition.worldSize());
            FileEntry entry = CheckpointManifest.JSON.readValue(directory.read(noteName(name)), FileEntry.class);
            checkLength(directory, entry);
            entries.add(entry);
        }
        return entries;
    }

    private void verify(Storage directory, FileEntry entry) throws IOException {
        String file = directory.path(entry.name()) + "#" + entry.sha256();
        if (verified.contains(file)) {
            return;
        }
        checkLength(directory, entry);
        String found = sha256(directory, entry.name());
        if (!found.equals(entry.sha256())) {
            throw CheckpointManifest.corrupt(
                    directory.path(entry.name()).toString(),
                    "sha256 " + found + ", the manifest lists " + entry.sha256(),
                    null);
        }
        verified.add(file);
    }

    private static void checkLength(Storage directory, FileEntry entry) throws IOException {
        String file = directory.path(entry.name()).toString();
        long found;
        try {
            found = directory.length(entry.name());
        } catch (FileNotFoundException e) {
            throw CheckpointManifest.corrupt(file, "missing", e);
        }
        if (found != entry.bytes()) {
            throw CheckpointManifest.corrupt(file, found + " bytes, the manifest lists " + entry.bytes(), null);
        }
    }

    private static String sha256(Storage directory, String name) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
        byte[] block = new byte[1 << 18];
        try (InputStream in = directory.open(name)) {
            for (int count = in.read(block); count >= 0; count = in.read(block)) {
                digest.update(block, 0, count);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Directories of all checkpoints, ascending by step. */
    private List<Stored> stored() throws IOException {
        return root.list().stream().flatMap(name -> Stored.parse(name).stream()).toList();
    }

    private void remove(Stored stored) throws IOException {
        directory(stored).delete(MANIFEST); // first: from here on it is no checkpoint
        root.delete(name(stored));
    }

    @Override
    public String toString() {
        return root.toString();
    }

    private Storage ownDirectory(long step) {
        return directory(new Stored(step, fence.writer()));
    }

    private Storage directory(Stored stored) {
        return root.directory(name(stored));
    }

    private static String name(Stored stored) {
        return directoryName(stored.step, stored.writer);
    }

    /** Name of a checkpoint's directory below {@code checkpoints/}, and of what is made of it, such as its export. */
    public static String directoryName(CheckpointManifest manifest) {
        return directoryName(manifest.step(), manifest.writer());
    }

    static String directoryName(long step, WriterId writer) {
        return String.format("step-%012d", step) + writer.suffix();
    }

    private static String shardName(int rank, int worldSize) {
        return String.format("shard-%05d-of-%05d.safetensors", rank, worldSize);
    }

    private static String noteName(String shard) {
        return shard + ".json";
    }
}
