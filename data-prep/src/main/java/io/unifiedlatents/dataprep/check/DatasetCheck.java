package io.unifiedlatents.dataprep.check;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.core.lease.Lease;
import io.unifiedlatents.core.spark.inference.Sampling;
import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * Every data set of a prepared directory against its manifest, against the others, and against {@code status/}. Shards
 * are read by one task each; what has to be compared across them, ids and sources, is compared cluster-wide too.
 * Nothing is written.
 */
public final class DatasetCheck {
    /** Directory name of a data set that is the directory asked about. */
    static final String ITSELF = ".";

    private static final List<String> SPLITS = List.of("train", "validation", "test");
    /** Beginnings of what jobs write beside a data set that stands alone. */
    private static final List<String> OWN_FILES = List.of("_card.", Sampling.CARD, Sampling.GRID, Lease.FOLDER);

    private final SparkSession spark;
    private final JavaSparkContext context;
    private final Storage directory;
    private final int shown;
    private final Problems problems;
    private final Map<String, Dataset> datasets = new TreeMap<>();

    private DatasetCheck(SparkSession spark, Storage directory, int shown) {
        this.spark = spark;
        this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        this.directory = directory;
        this.shown = shown;
        this.problems = new Problems(shown);
    }

    /**
     * Reads every data set of a directory.
     *
     * @param directory what a job prepared, or one of its data sets
     * @param decode whether pictures are decoded; without it their digests alone speak for them
     * @param shown how many problems the report holds; all are counted
     * @throws io.unifiedlatents.core.config.ConfigException where there is no data set of pictures or clips
     * @throws IOException where the storage fails
     */
    public static CheckReport run(SparkSession spark, Storage directory, boolean decode, int shown) throws IOException {
        return new DatasetCheck(spark, directory, shown).run(decode);
    }

    private CheckReport run(boolean decode) throws IOException {
        open();
        compareManifests();
        List<CheckTask.Assignment> shards = new ArrayList<>();
        for (Map.Entry<String, Dataset> entry : datasets.entrySet()) {
            Dataset dataset = entry.getValue();
            findUnlisted(entry.getKey(), dataset);
            for (int i = 0; i < dataset.manifest().shards().size(); i++) {
                shards.add(new CheckTask.Assignment(
                        entry.getKey(), dataset.storage().toString(), i));
            }
        }
        CheckTask task = new CheckTask(decode, shown, new SerializableConfiguration(context.hadoopConfiguration()));
        JavaRDD<CheckedShard> checked = context.parallelize(shards, Math.max(1, shards.size()))
                .map(task)
                .persist(StorageLevel.MEMORY_AND_DISK());
        Set<String> unread = new HashSet<>();
        long rows = 0;
        for (Tuple2<CheckedShard, Integer> shard :
                checked.map(DatasetCheck::withoutRows).collect()) {
            problems.addAll(shard._1().problems());
            rows += shard._2();
            if (!shard._1().whole()) {
                unread.add(shard._1().file());
            }
        }
        JavaRDD<CheckedShard.Seen> seen = checked.flatMap(shard -> shard.rows().iterator());
        add(Problem.Kind.DUPLICATE, Uniqueness.duplicates(seen));
        add(Problem.Kind.LEAK, Uniqueness.leaks(seen));
        if (!datasets.containsKey(ITSELF) && directory.exists(StatusCheck.NAME)) {
            add(Problem.Kind.STATUS, StatusCheck.run(spark, directory, seen, unread));
        }
        checked.unpersist();
        return new CheckReport(
                new ArrayList<>(datasets.keySet()), shards.size(), rows, problems.counts(), problems.first());
    }

    private static Tuple2<CheckedShard, Integer> withoutRows(CheckedShard shard) {
        return new Tuple2<>(
                new CheckedShard(shard.split(), shard.file(), shard.whole(), shard.problems(), List.of()),
                shard.rows().size());
    }

    private void open() throws IOException {
        if (directory.exists(DatasetManifest.NAME)) {
            open(ITSELF, directory);
        } else {
            for (String name : directory.list()) {
                if (directory.exists(name + "/" + DatasetManifest.NAME)) {
                    open(name, directory.directory(name));
                } else if (SPLITS.contains(name)) {
                    problems.add(
                            Problem.Kind.MANIFEST,
                            Place.of(name),
                            "no %s: preparing it has not come to its end".formatted(DatasetManifest.NAME));
                }
            }
        }
        Check.setting(
                !datasets.isEmpty() || !problems.counts().isEmpty(),
                "%s holds no data set: no %s in it or one directory below; name the output of a job that prepares one",
                directory,
                DatasetManifest.NAME);
    }

    private void open(String name, Storage storage) throws IOException {
        Place manifest = Place.of(name.equals(ITSELF) ? DatasetManifest.NAME : name + "/" + DatasetManifest.NAME);
        try {
            Dataset dataset = Dataset.open(storage);
            Check.setting(
                    !dataset.manifest().kind().equals(DatasetManifest.LATENTS),
                    "%s holds latents; name a directory of pictures or clips",
                    storage);
            datasets.put(name, dataset);
        } catch (CorruptDataException e) {
            problems.add(Problem.Kind.MANIFEST, manifest, String.valueOf(e.getMessage()));
        }
    }

    /** Splits of one preparation differ in their rows alone. */
    private void compareManifests() {
        if (datasets.isEmpty()) {
            return;
        }
        Map.Entry<String, Dataset> first = datasets.entrySet().iterator().next();
        Map<String, Object> expected = shared(first.getValue().manifest());
        datasets.forEach((name, dataset) -> shared(dataset.manifest()).forEach((field, value) -> {
            Object other = expected.get(field);
            if (!Objects.equals(value, other)) {
                problems.add(
                        Problem.Kind.MANIFEST,
                        Place.of(name + "/" + DatasetManifest.NAME),
                        "%s is %s, that of %s is %s".formatted(field, value, first.getKey(), other));
            }
        }));
    }

    private static Map<String, Object> shared(DatasetManifest manifest) {
        Map<String, Object> fields = new TreeMap<>();
        fields.put("kind", manifest.kind());
        fields.put("shape", SampleShape.text(manifest.shape()));
        fields.put("encoding", String.valueOf(manifest.encoding()));
        fields.put("transform", String.valueOf(manifest.transform()));
        fields.put("classes", manifest.classes());
        fields.put("configHash", manifest.configHash());
        return fields;
    }

    private void findUnlisted(String name, Dataset dataset) throws IOException {
        Set<String> listed = new HashSet<>();
        listed.add(DatasetManifest.NAME);
        for (ShardInfo shard : dataset.manifest().shards()) {
            listed.add(shard.name());
        }
        for (String file : dataset.storage().list()) {
            if (!listed.contains(file) && OWN_FILES.stream().noneMatch(file::startsWith)) {
                problems.add(
                        Problem.Kind.UNLISTED,
                        Place.of(name.equals(ITSELF) ? file : name + "/" + file),
                        "no manifest lists it; readers do not look at it");
            }
        }
    }

    private void add(Problem.Kind kind, JavaRDD<Problem> found) {
        JavaRDD<Problem> kept = found.persist(StorageLevel.MEMORY_AND_DISK());
        Problems part = new Problems(shown);
        for (Problem problem : kept.takeOrdered(shown, Comparator.<Problem>naturalOrder())) {
            part.add(kind, problem.place(), problem.id(), problem.what());
        }
        part.counts().computeIfPresent(kind, (key, some) -> kept.count());
        problems.addAll(part);
        kept.unpersist();
    }
}
