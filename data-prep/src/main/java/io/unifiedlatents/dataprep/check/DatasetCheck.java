package io.unifiedlatents.dataprep.check;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.lease.Lease;
import io.unifiedlatents.core.spark.inference.Sampling;
import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.dataprep.check.ShardCheck.CheckedRow;
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
 * Checks every data set of a prepared directory against its manifest, the other data sets and {@code status/}. One task
 * reads each shard; ids and sources are compared across shards cluster-wide. Nothing is written.
 */
public final class DatasetCheck {
    /** Name of the data set where the directory is itself one. */
    private static final String ITSELF = ".";

    private static final List<String> SPLITS = List.of("train", "validation", "test");
    /** Beginnings of names of files that jobs write beside the shards of a data set. */
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
     * @param decode whether pictures are decoded, too; their digests are always compared
     * @param shown number of problems that the report holds; all are counted
     * @throws io.unifiedlatents.core.config.ConfigException where there is no data set of pictures or clips
     * @throws IOException where the storage fails
     */
    public static CheckReport run(SparkSession spark, Storage directory, boolean decode, int shown) throws IOException {
        return new DatasetCheck(spark, directory, shown).run(decode);
    }

    private CheckReport run(boolean decode) throws IOException {
        open();
        compareManifests();
        List<ShardCheck.Assignment> shards = new ArrayList<>();
        for (Map.Entry<String, Dataset> entry : datasets.entrySet()) {
            Dataset dataset = entry.getValue();
            findUnlisted(entry.getKey(), dataset);
            for (int i = 0; i < dataset.manifest().shards().size(); i++) {
                shards.add(new ShardCheck.Assignment(
                        entry.getKey(), dataset.storage().toString(), i));
            }
        }
        SerializableConfiguration hadoop = new SerializableConfiguration(context.hadoopConfiguration());
        int limit = shown;
        JavaRDD<ShardCheck.Result> checked = context.parallelize(shards, Math.max(1, shards.size()))
                .map(shard -> ShardCheck.run(shard, decode, limit, hadoop.value()))
                .persist(StorageLevel.MEMORY_AND_DISK());
        Set<String> unread = new HashSet<>();
        long rows = 0;
        for (Tuple2<ShardCheck.Result, Integer> shard :
                checked.map(DatasetCheck::withoutRows).collect()) {
            problems.addAll(shard._1().problems());
            rows += shard._2();
            if (!shard._1().whole()) {
                unread.add(shard._1().file());
            }
        }
        JavaRDD<CheckedRow> checkedRows = checked.flatMap(shard -> shard.rows().iterator());
        add(Problem.Kind.DUPLICATE, Uniqueness.duplicates(checkedRows));
        add(Problem.Kind.LEAK, Uniqueness.leaks(checkedRows));
        if (!datasets.containsKey(ITSELF) && directory.exists(StatusCheck.NAME)) {
            add(Problem.Kind.STATUS, StatusCheck.run(spark, directory, checkedRows, unread));
        }
        checked.unpersist();
        return new CheckReport(
                new ArrayList<>(datasets.keySet()), shards.size(), rows, problems.counts(), problems.first());
    }

    private static Tuple2<ShardCheck.Result, Integer> withoutRows(ShardCheck.Result shard) {
        return new Tuple2<>(
                new ShardCheck.Result(shard.file(), shard.whole(), shard.problems(), List.of()),
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
                    add(
                            Problem.Kind.MANIFEST,
                            name,
                            "no " + DatasetManifest.NAME + ": its preparation is not finished");
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
        try {
            Dataset dataset = Dataset.open(storage);
            Check.setting(
                    !dataset.manifest().kind().equals(DatasetManifest.LATENTS),
                    "%s holds latents; name a directory of pictures or clips",
                    storage);
            datasets.put(name, dataset);
        } catch (CorruptDataException e) {
            add(Problem.Kind.MANIFEST, path(name, DatasetManifest.NAME), String.valueOf(e.getMessage()));
        }
    }

    /** Compares the fields that all splits of one preparation share. */
    private void compareManifests() {
        if (datasets.isEmpty()) {
            return;
        }
        Map.Entry<String, Dataset> first = datasets.entrySet().iterator().next();
        Map<String, Object> expected = shared(first.getValue().manifest());
        datasets.forEach((name, dataset) -> shared(dataset.manifest()).forEach((field, value) -> {
            Object other = expected.get(field);
            if (!Objects.equals(value, other)) {
                String what = "%s is %s, that of %s is %s".formatted(field, value, first.getKey(), other);
                add(Problem.Kind.MANIFEST, path(name, DatasetManifest.NAME), what);
            }
        }));
    }

    private static Map<String, Object> shared(DatasetManifest manifest) {
        return Map.of(
                "kind", manifest.kind(),
                "shape", SampleShape.text(manifest.shape()),
                "encoding", String.valueOf(manifest.encoding()),
                "transform", String.valueOf(manifest.transform()),
                "classes", manifest.classes(),
                "configHash", manifest.configHash());
    }

    private void findUnlisted(String name, Dataset dataset) throws IOException {
        Set<String> listed = new HashSet<>(Set.of(DatasetManifest.NAME));
        dataset.manifest().shards().forEach(shard -> listed.add(shard.name()));
        for (String file : dataset.storage().list()) {
            if (!listed.contains(file) && OWN_FILES.stream().noneMatch(file::startsWith)) {
                add(Problem.Kind.UNLISTED, path(name, file), "no manifest lists it; readers do not look at it");
            }
        }
    }

    /** Returns the path of a file of a data set, relative to the prepared directory. */
    static String path(String dataset, String file) {
        return dataset.equals(ITSELF) ? file : dataset + "/" + file;
    }

    private void add(Problem.Kind kind, String file, String what) {
        problems.add(kind, Place.of(file), "", what);
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
