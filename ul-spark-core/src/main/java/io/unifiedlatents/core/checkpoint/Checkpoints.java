package io.unifiedlatents.core.checkpoint;

import io.unifiedlatents.core.checkpoint.CheckpointManifest.FileEntry;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.collective.Partition;
import io.unifiedlatents.core.config.Check;
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

/**
 * The checkpoints of a run: {@code checkpoints/step-<12 digits>/} in the run directory, each with one safetensors file
 * per writing rank and {@code manifest.json}, which is published last: without it there is no checkpoint.
 *
 * <p>Reading is thread safe. One run at a time writes or retains.
 */
public final class Checkpoints {
    static final String MANIFEST = "manifest.json";

    private static final System.Logger LOG = System.getLogger(Checkpoints.class.getName());
    private static final Pattern DIRECTORY = Pattern.compile("step-(\\d{12})");

    private final Storage root;

    /** Files whose digests have been found right by this object. */
    private final Set<String> verified = ConcurrentHashMap.newKeySet();

    private Checkpoints(Storage root) {
        this.root = root;
    }

    /** The checkpoints of a run directory, which need not exist yet. */
    public static Checkpoints at(Storage runDirectory) {
        return new Checkpoints(runDirectory.directory("checkpoints"));
    }

    /** The checkpoints in a directory named {@code checkpoints}. */
    public static Checkpoints in(Storage directory) {
        return new Checkpoints(directory);
    }

    /** Steps of the checkpoints that have a manifest, ascending. */
    public List<Long> committed() throws IOException {
        return steps(true);
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
        Storage directory = directory(step);
        String file = directory.path(MANIFEST).toString();
        try {
            return CheckpointManifest.parse(file, directory.read(MANIFEST), step);
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
            tensors.add(SafeTensors.Source.vector(name, vector.size(), vector.slices()));
        });
        Map<String, String> metadata = new TreeMap<>();
        metadata.put("begin", Long.toString(begin));
        metadata.put("end", Long.toString(end));
        metadata.put("size", Long.toString(partition.size()));
        String name = shardName(rank, partition.worldSize());
        Storage directory = directory(step);
        SafeTensors.Written written = SafeTensors.write(directory, name, metadata, tensors);
        FileEntry entry = new FileEntry(name, written.bytes(), written.sha256(), rank, begin, end);
        directory.publish(noteName(name), CheckpointManifest.JSON.writeValueAsBytes(entry));
    }

    /** Commits a checkpoint whose shards are all there, by publishing its manifest; called by one rank. */
    void commit(long step, long samplesPerStream, Partition partition, Set<String> vectors, CheckpointHeader header)
            throws IOException {
        Map<String, Long> sizes = new HashMap<>();
        vectors.forEach(name -> sizes.put(name, partition.size()));
        CheckpointManifest manifest = new CheckpointManifest(
                CheckpointManifest.FORMAT_VERSION,
                step,
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
        directory(step).publish(MANIFEST, manifest.toJson()); // the commit
    }

    /** Removes all that lies behind a step: what failed attempts left, and checkpoints found damaged. */
    void removeAfter(long step) throws IOException {
        for (long later : steps(false)) {
            if (later > step) {
                LOG.log(System.Logger.Level.INFO, "removing step {0} of {1}, which is written anew", later, root);
                remove(later);
            }
        }
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
        Storage directory = directory(manifest.step());
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
     * of {@code keepEvery}; also removes what failed attempts left before the newest committed one. Called by one rank,
     * not beside a write.
     *
     * @param keepLast at least 1
     * @param keepEvery in steps; 0 keeps none for this reason
     * @return the steps removed, ascending
     */
    public List<Long> retain(int keepLast, long keepEvery) throws IOException {
        Check.setting(keepLast >= 1, "keepLast=%s must be at least 1", keepLast);
        Check.setting(keepEvery >= 0, "keepEvery=%s must not be negative", keepEvery);
        List<Long> committed = committed();
        List<Long> removed = new ArrayList<>();
        if (committed.isEmpty()) {
            return removed;
        }
        long newest = committed.get(committed.size() - 1);
        List<Long> last = committed.subList(Math.max(0, committed.size() - keepLast), committed.size());
        for (long step : steps(false)) {
            boolean kept = committed.contains(step)
                    ? last.contains(step) || (keepEvery > 0 && step % keepEvery == 0)
                    : step > newest;
            if (!kept) {
                remove(step);
                removed.add(step);
            }
        }
        return removed;
    }

    private Optional<CheckpointManifest> newest(boolean digests) throws IOException {
        List<Long> steps = committed();
        for (int i = steps.size() - 1; i >= 0; i--) {
            try {
                CheckpointManifest manifest = manifest(steps.get(i));
                Storage directory = directory(manifest.step());
                for (FileEntry entry : manifest.files()) {
                    checkLength(directory, entry);
                    if (digests) {
                        verify(directory, entry);
                    }
                }
                return Optional.of(manifest);
            } catch (CorruptDataException e) {
                LOG.log(System.Logger.Level.WARNING, "passing over a checkpoint: " + e.getMessage());
            }
        }
        return Optional.empty();
    }

    private List<FileEntry> notes(long step, Partition partition) throws IOException {
        Storage directory = directory(step);
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

    private List<Long> steps(boolean onlyCommitted) throws IOException {
        List<Long> steps = new ArrayList<>();
        for (String name : root.list()) {
            Matcher matcher = DIRECTORY.matcher(name);
            if (matcher.matches() && (!onlyCommitted || root.exists(name + "/" + MANIFEST))) {
                steps.add(Long.parseLong(matcher.group(1)));
            }
        }
        return steps;
    }

    private void remove(long step) throws IOException {
        Storage directory = directory(step);
        directory.delete(MANIFEST); // first: from here on it is no checkpoint
        root.delete(directoryName(step));
    }

    @Override
    public String toString() {
        return root.toString();
    }

    private Storage directory(long step) {
        return root.directory(directoryName(step));
    }

    /** Name of a checkpoint's directory below {@code checkpoints/}. */
    public static String directoryName(CheckpointManifest manifest) {
        return directoryName(manifest.step());
    }

    private static String directoryName(long step) {
        return String.format("step-%012d", step);
    }

    private static String shardName(int rank, int worldSize) {
        return String.format("shard-%05d-of-%05d.safetensors", rank, worldSize);
    }

    private static String noteName(String shard) {
        return shard + ".json";
    }
}
