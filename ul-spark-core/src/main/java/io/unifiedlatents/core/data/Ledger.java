package io.unifiedlatents.core.data;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.lease.Lineage;
import io.unifiedlatents.core.lease.WriterId;
import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The record of the samples that a run has trained on: a digest of the sample ids of every step, in segments below
 * {@code ledger/}, and the {@link Recipe} from which the ids themselves follow. A segment is published before the
 * checkpoint that ends it, so a checkpoint never counts steps that the ledger lacks; steps repeated after a failure
 * give the same digests again. A segment counts if its writer is the one that the {@link Lineage} names for its last
 * step, as with checkpoints. Byte by byte: docs/formats/ledger.md.
 */
public final class Ledger {
    /** The version of docs/formats/ledger.md that this program writes; it reads version 1, too. */
    public static final int FORMAT_VERSION = 2;

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern FILE = Pattern.compile("\\d{12}-(\\d{12})((?:-\\d{1,12}\\.\\d{1,9})?)\\.json");

    /**
     * Everything that decides which samples a step takes.
     *
     * @param datasetHash of the pictures' manifest
     * @param seed of the run
     * @param streams parts that the data set is dealt to
     * @param samplesPerStream samples that each stream gives to a step; {@code microBatch} in format version 1. It
     *     alone may change from one segment to the next
     * @param windowGroups row groups shuffled together
     */
    public record Recipe(
            String datasetHash,
            long seed,
            int streams,
            @JsonAlias("microBatch") int samplesPerStream,
            int windowGroups) {
        /** Whether the data set is dealt to the same streams in the same order. */
        private boolean sameOrder(Recipe other) {
            return equals(
                    new Recipe(other.datasetHash, other.seed, other.streams, samplesPerStream, other.windowGroups));
        }
    }

    /**
     * Some consecutive steps.
     *
     * @param formatVersion {@link #FORMAT_VERSION}
     * @param recipe decides the samples of these steps
     * @param from first step, counted from 0
     * @param digests one per step, 16 hexadecimal digits, see {@link #digest}
     */
    public record Segment(int formatVersion, Recipe recipe, long from, List<String> digests) {
        public Segment {
            digests = List.copyOf(digests);
        }

        /** The step behind the last one. */
        public long to() {
            return from + digests.size();
        }
    }

    private final Storage stage;
    private final Storage directory;
    private final WriterId writer;

    /** The ledger of a stage, to be read; there may be none yet. */
    public Ledger(Storage stage) {
        this(stage, WriterId.NONE);
    }

    /** The ledger of a stage, to be read, and to be written by one writer. */
    public Ledger(Storage stage, WriterId writer) {
        this.stage = stage;
        this.directory = stage.directory("ledger");
        this.writer = writer;
    }

    /**
     * A rank's part in the digest of a step: the sum, modulo 2⁶⁴, over its samples of the first 8 bytes of
     * SHA-256("stream:index:id"). Parts of ranks add up to the same digest whatever rank read which stream.
     */
    public static long digest(MicroBatch batch) {
        long sum = 0;
        for (int i = 0; i < batch.size(); i++) {
            sum += term(batch.stream(), batch.firstIndex() + i, batch.ids()[i]);
        }
        return sum;
    }

    private static long term(int stream, int index, String id) {
        return Long.parseUnsignedLong(
                Hashes.sha256(stream + ":" + index + ":" + id).substring(0, 16), 16);
    }

    /** Publishes steps {@code from}, {@code from} + 1, …; replaces a segment of the same steps by the same writer. */
    public void publish(Recipe recipe, long from, List<Long> digests) throws IOException {
        Segment segment = new Segment(
                FORMAT_VERSION,
                recipe,
                from,
                digests.stream().map(digest -> String.format("%016x", digest)).toList());
        directory.publish(
                String.format("%012d-%012d%s.json", from, segment.to(), writer.suffix()),
                JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(segment));
    }

    /**
     * A recorded step.
     *
     * @param recipe decides its samples
     * @param digest 16 hexadecimal digits, see {@link Ledger#digest}
     */
    public record Step(Recipe recipe, String digest) {}

    /**
     * All recorded steps that count in order, each once.
     *
     * @throws CorruptDataException if a segment cannot be read, two segments disagree on a step, or a step is missing
     *     before the last
     */
    public List<Step> read() throws IOException {
        TreeMap<Long, Step> steps = new TreeMap<>();
        Recipe recipe = null;
        Lineage lineage = Lineage.of(stage);
        for (String name : directory.list()) {
            Matcher file = FILE.matcher(name);
            if (!file.matches()
                    || !lineage.writerOf(Long.parseLong(file.group(1))).equals(WriterId.ofSuffix(file.group(2)))) {
                continue;
            }
            Segment segment = parse(name);
            require(recipe == null || recipe.sameOrder(segment.recipe), name, "recipe differs: " + segment.recipe);
            recipe = segment.recipe;
            for (int i = 0; i < segment.digests.size(); i++) {
                Step step = new Step(segment.recipe, segment.digests.get(i));
                Step before = steps.put(segment.from + i, step);
                require(
                        before == null || before.equals(step),
                        name,
                        "step " + (segment.from + i) + " is " + step + ", another segment says " + before);
            }
        }
        Check.setting(recipe != null, "%s holds no ledger; it appears with the first checkpoint", directory);
        for (long step = 0; step < steps.size(); step++) {
            require(steps.containsKey(step), directory.toString(), "step " + step + " is missing");
        }
        return List.copyOf(steps.values());
    }

    private Segment parse(String name) throws IOException {
        try {
            Segment segment = JSON.readValue(directory.read(name), Segment.class);
            require(
                    segment.formatVersion == 1 || segment.formatVersion == FORMAT_VERSION,
                    name,
                    "format version " + segment.formatVersion);
            return segment;
        } catch (JsonProcessingException e) {
            throw new CorruptDataException("ledger " + directory.path(name) + ": " + e.getOriginalMessage(), e);
        }
    }

    private void require(boolean condition, String name, String reason) throws CorruptDataException {
        if (!condition) {
            throw new CorruptDataException("ledger " + directory.path(name) + ": " + reason);
        }
    }

    /** Receives the samples of each step, in order. */
    public interface Visitor {
        /** The ids of one step, streams ascending, in the order of training. */
        void step(long step, List<String> ids);
    }

    /**
     * Follows the recipe through the data set and compares each step with its digest.
     *
     * @param images the data set that was trained on
     * @param visitor receives the ids of every recorded step
     * @throws io.unifiedlatents.core.config.ConfigException if {@code images} is another data set
     * @throws CorruptDataException naming the first step whose samples are not those recorded
     */
    public void audit(Dataset images, Visitor visitor) throws IOException {
        List<Step> all = read();
        Recipe recipe = all.get(0).recipe;
        String found = images.manifest().datasetHash();
        Check.setting(
                found.equals(recipe.datasetHash),
                "the ledger is of data set %s, %s is %s; name the one that was trained on",
                recipe.datasetHash,
                images.storage(),
                found);
        SampleOrder order = new SampleOrder(recipe.seed, images.rowGroupRows(), recipe.streams, recipe.windowGroups);
        MicroBatches.Source source = new MicroBatches.Source(images, true, null, order);
        StreamReader[] readers = new StreamReader[recipe.streams];
        for (int stream = 0; stream < readers.length; stream++) {
            readers[stream] = new StreamReader(source, order.cursor(stream, 0));
        }
        for (int step = 0; step < all.size(); step++) {
            List<String> ids = new ArrayList<>();
            long digest = 0;
            for (int stream = 0; stream < readers.length; stream++) {
                List<StreamReader.Located> samples = readers[stream].next(all.get(step).recipe.samplesPerStream);
                for (int i = 0; i < samples.size(); i++) {
                    String id = samples.get(i).id();
                    ids.add(id);
                    digest += term(stream, i, id);
                }
            }
            String recorded = all.get(step).digest;
            require(
                    recorded.equals(String.format("%016x", digest)),
                    "step " + step,
                    "trained on samples of digest " + recorded + ", the recipe gives "
                            + String.format("%016x", digest));
            visitor.step(step, ids);
        }
    }
}
