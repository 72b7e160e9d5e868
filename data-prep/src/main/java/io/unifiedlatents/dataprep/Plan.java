package io.unifiedlatents.dataprep;

import io.unifiedlatents.core.config.Deduplication;
import io.unifiedlatents.core.config.PrepareConfig;
import io.unifiedlatents.core.config.SplitRule;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.random.Seeds;
import io.unifiedlatents.dataprep.source.Annotation;
import io.unifiedlatents.dataprep.source.Annotations;
import io.unifiedlatents.dataprep.source.ClassTable;
import java.io.Serializable;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of every input, and the rows of every shard: a function of settings, tables and the statuses of the first
 * pass, whatever their order.
 */
final class Plan {
    /** The outcome of an input. */
    enum Outcome {
        /** It has rows in a data set. */
        KEPT,
        /** It cannot be used, or has no split or class. */
        SKIPPED,
        /** Its content is in a data set already. */
        DUPLICATE,
        /** A table of annotations names it, the source does not have it. */
        MISSING
    }

    /**
     * An input and its outcome.
     *
     * @param reason why it is not kept; null where it is
     * @param split where it is kept
     * @param shard of its first row, where it is kept
     */
    record Verdict(
            Status status,
            String id,
            Outcome outcome,
            @Nullable String reason,
            @Nullable Split split,
            @Nullable Integer shard) {}

    /** A row and the work file {@code data} that holds its bytes. */
    record Row(
            String data,
            StoredSample stored,
            String id,
            int label,
            String className,
            @Nullable String caption,
            String source)
            implements Serializable {}

    /** A shard to write. */
    record Shard(Split split, int index, List<Row> rows) implements Serializable {
        /** File name within the directory of the split. */
        String name() {
            return "shard-%06d.parquet".formatted(index);
        }

        /** Returns the digest of its rows, as its footer will hold it. */
        String rowsHash() {
            MessageDigest digest = Hashes.newSha256();
            for (Row row : rows) {
                digest.update(Hashes.rowBytes(row.id(), row.stored().sha256()));
            }
            return Hashes.hex(digest.digest());
        }
    }

    /** An input that may be kept. */
    private record Candidate(
            String data,
            Status status,
            String id,
            Split split,
            String className,
            @Nullable String caption) {}

    private static final String NO_CLASS = ".";

    private final PrepareConfig config;
    private final @Nullable Annotations annotations;
    private final @Nullable ClassTable table;
    private final List<Verdict> verdicts = new ArrayList<>();
    private final Set<String> paths = new HashSet<>();
    private final List<Shard> shards = new ArrayList<>();
    private final List<String> classes;

    /** Plans; the tables are null where the settings name none. */
    Plan(PrepareConfig config, @Nullable Annotations annotations, @Nullable ClassTable table, List<WorkPart> parts) {
        this.config = config;
        this.annotations = annotations;
        this.table = table;
        List<Candidate> kept = withoutDuplicates(candidates(parts));
        Set<String> names = new TreeSet<>();
        kept.forEach(candidate -> names.add(candidate.className()));
        ClassTable labels = table == null ? ClassTable.of(names) : table;
        this.classes = labels.names();
        fillShards(kept, labels);
        addMissing();
        verdicts.sort(Comparator.comparing(verdict -> verdict.status().path()));
    }

    /** The entries, one for every input, sorted by path. */
    List<Verdict> verdicts() {
        return verdicts;
    }

    /** In the order of splits and indices. */
    List<Shard> shards() {
        return shards;
    }

    /** Names in the order of the labels. */
    List<String> classes() {
        return classes;
    }

    private List<Candidate> candidates(List<WorkPart> parts) {
        List<Candidate> candidates = new ArrayList<>();
        parts.forEach(part -> part.inputs().forEach(status -> addCandidate(part.data(), status, candidates)));
        candidates.sort(Comparator.comparing(candidate -> candidate.status().path()));
        return candidates;
    }

    private void addCandidate(String data, Status status, List<Candidate> candidates) {
        String path = status.path();
        if (status.problem() != null) {
            paths.add(path);
            drop(status, Outcome.SKIPPED, status.problem());
            return;
        }
        if (!paths.add(path)) {
            drop(status, Outcome.SKIPPED, "same name: as an input before it");
            return;
        }
        Annotation annotation = annotation(status);
        if (annotation == null) {
            drop(status, Outcome.SKIPPED, "not annotated: prepare.annotations has no row for it");
            return;
        }
        String id = Hashes.sampleId(path, 0);
        Split split = split(path, id, annotation);
        if (split == null) {
            drop(status, Outcome.SKIPPED, noSplit(annotation));
            return;
        }
        String name = annotation.className();
        String className = name == null ? NO_CLASS : config.split() == SplitRule.FOLDER ? withoutSplit(name) : name;
        if (table != null && table.label(className) == null) {
            drop(status, Outcome.SKIPPED, "unknown class: prepare.classes has no " + className);
            return;
        }
        candidates.add(new Candidate(data, status, id, split, className, annotation.caption()));
    }

    /** Returns the table's annotation, completed by the source's; null where there is a table without the input. */
    private @Nullable Annotation annotation(Status status) {
        Annotation own = status.annotation();
        Annotation said = annotations == null ? own : annotations.get(status.path());
        return said == null
                ? null
                : new Annotation(
                        said.className() == null ? own.className() : said.className(),
                        said.caption() == null ? own.caption() : said.caption(),
                        said.split() == null ? own.split() : said.split());
    }

    private @Nullable Split split(String path, String id, Annotation annotation) {
        return switch (config.split()) {
            case FOLDER -> Split.ofPath(path);
            case ANNOTATIONS -> Split.named(annotation.split());
            case HASH ->
                Seeds.unitInterval(key("holdout", id)) < config.holdoutFraction() ? Split.VALIDATION : Split.TRAIN;
        };
    }

    private String noSplit(Annotation annotation) {
        return config.split() == SplitRule.FOLDER
                ? "no split: no folder on its path is named train, val or test"
                : "no split: it is annotated " + annotation.split() + ", which is none of train, val, test";
    }

    /** Returns a class name without the folder of the split, where it begins with one. */
    private static String withoutSplit(String className) {
        int slash = className.indexOf('/');
        String outermost = slash < 0 ? className : className.substring(0, slash);
        if (Split.ofName(outermost) == null) {
            return className;
        }
        return slash < 0 ? NO_CLASS : className.substring(slash + 1);
    }

    /** Drops inputs with the content of others. Test is kept before validation, validation before training. */
    private List<Candidate> withoutDuplicates(List<Candidate> candidates) {
        if (config.deduplicate() == Deduplication.NONE) {
            return candidates;
        }
        Map<String, Candidate> heldOut = new HashMap<>();
        for (Split split : List.of(Split.TEST, Split.VALIDATION)) {
            for (Candidate candidate : candidates) {
                if (candidate.split() == split) {
                    contents(candidate).forEach(content -> heldOut.putIfAbsent(content, candidate));
                }
            }
        }
        boolean all = config.deduplicate() == Deduplication.ALL;
        Map<String, Candidate> seen = new HashMap<>(heldOut);
        List<Candidate> kept = new ArrayList<>();
        for (Candidate candidate : candidates) {
            Candidate first = null;
            for (String content : contents(candidate)) {
                Candidate other = all ? seen.putIfAbsent(content, candidate) : seen.get(content);
                boolean same = other == null || other.id().equals(candidate.id());
                first = same ? first : other;
            }
            if (first != null && (all || candidate.split() == Split.TRAIN)) {
                String where = first.status().path() + " in " + first.split().directory();
                drop(candidate.status(), Outcome.DUPLICATE, "duplicate: of " + where);
            } else {
                kept.add(candidate);
            }
        }
        return kept;
    }

    /** Returns the digests of an input and its samples; inputs that share one are duplicates. */
    private static Set<String> contents(Candidate candidate) {
        Set<String> contents = new TreeSet<>();
        contents.add(candidate.status().sha256());
        candidate.status().samples().forEach(sample -> contents.add(sample.sha256()));
        return contents;
    }

    private void fillShards(List<Candidate> kept, ClassTable labels) {
        Map<Split, List<Row>> rows = new EnumMap<>(Split.class);
        for (Candidate candidate : kept) {
            String path = candidate.status().path();
            Integer label = labels.label(candidate.className());
            for (StoredSample sample : candidate.status().samples()) {
                Row row = new Row(
                        candidate.data(),
                        sample,
                        Hashes.sampleId(path, sample.window()),
                        label == null ? 0 : label,
                        candidate.className(),
                        candidate.caption(),
                        path);
                rows.computeIfAbsent(candidate.split(), split -> new ArrayList<>())
                        .add(row);
            }
        }
        Map<String, Integer> shardOf = new HashMap<>();
        rows.forEach((split, all) -> {
            all.sort(Comparator.<Row>comparingLong(row -> key("shuffle", row.id()))
                    .thenComparing(Row::id));
            for (int start = 0, index = 0; start < all.size(); start += config.rowsPerShard(), index++) {
                int end = Math.min(start + config.rowsPerShard(), all.size());
                Shard shard = new Shard(split, index, new ArrayList<>(all.subList(start, end))); // not the whole list
                shards.add(shard);
                shard.rows().forEach(row -> shardOf.putIfAbsent(row.source(), shard.index()));
            }
        });
        for (Candidate candidate : kept) {
            Status status = candidate.status();
            Integer shard = shardOf.get(status.path());
            verdicts.add(new Verdict(status, candidate.id(), Outcome.KEPT, null, candidate.split(), shard));
        }
    }

    private void addMissing() {
        if (annotations == null) {
            return;
        }
        for (String path : annotations.missing(paths)) {
            Status status = Status.unusable(path, Annotation.NONE, 0, "", "missing: the source does not have it", 0);
            drop(status, Outcome.MISSING, String.valueOf(status.problem()));
        }
    }

    private void drop(Status status, Outcome outcome, @Nullable String reason) {
        String id = Hashes.sampleId(status.path(), 0);
        verdicts.add(new Verdict(status, id, outcome, reason, null, null));
    }

    /** A hash of seed and id alone. */
    private long key(String purpose, String id) {
        return Seeds.of(
                config.seed(),
                purpose,
                Long.parseUnsignedLong(id.substring(0, 16), 16),
                Long.parseUnsignedLong(id.substring(16, 32), 16));
    }
}
