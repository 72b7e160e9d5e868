package io.unifiedlatents.dataprep.describe;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.ShardFooter;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/** Reads the data sets of a prepared directory, one task a shard, and writes their card beside them. */
public final class DatasetCard {
    private static final List<String> SPLITS = List.of("train", "validation", "test");

    private DatasetCard() {}

    /**
     * Reads every picture and publishes {@code _card.json}, {@code _card.md} and {@code _card.html}. They depend on the
     * data alone.
     *
     * @param directory what a job prepared, or one of its data sets
     * @param perClass pictures or clips of each class on the contact sheet; fewer where there are many classes
     * @throws io.unifiedlatents.core.config.ConfigException where there is no data set, or they do not belong together
     * @throws IOException where the storage fails or data are damaged
     */
    public static Card write(SparkSession spark, Storage directory, int perClass) throws IOException {
        Check.setting(perClass >= 0, "--pictures=%d must not be negative", perClass);
        Map<String, Dataset> datasets = open(directory);
        datasets.values().forEach(dataset -> requireAlike(dataset, first(datasets)));
        DatasetManifest any = first(datasets);
        int classes = any.classes().size();
        Selection selection = Selection.of(perClass, classes, any.kind().equals(DatasetManifest.CLIPS));
        Map<String, SplitTally> tallies = read(spark, datasets, selection);
        SplitTally all = new SplitTally(classes, selection.perClass());
        tallies.values().forEach(all::add);
        Card card = card(directory, datasets, tallies, all, StatusSummary.of(spark, directory));
        directory.publish(Card.NAME + ".json", card.toJson());
        directory.publish(Card.NAME + ".md", CardMarkdown.of(card));
        directory.publish(Card.NAME + ".html", CardHtml.of(card, all.samples()));
        return card;
    }

    private static DatasetManifest first(Map<String, Dataset> datasets) {
        return datasets.values().iterator().next().manifest();
    }

    /** Returns the tally of each split. */
    private static Map<String, SplitTally> read(
            SparkSession spark, Map<String, Dataset> datasets, Selection selection) {
        List<DescribeTask.Assignment> shards = new ArrayList<>();
        datasets.forEach((split, dataset) -> {
            for (int i = 0; i < dataset.manifest().shards().size(); i++) {
                shards.add(new DescribeTask.Assignment(split, dataset.storage().toString(), i));
            }
        });
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        DescribeTask task = new DescribeTask(selection, new SerializableConfiguration(context.hadoopConfiguration()));
        return context.parallelize(shards, Math.max(1, shards.size()))
                .mapToPair(task)
                .reduceByKey(SplitTally::add)
                .collectAsMap();
    }

    private static Card card(
            Storage directory,
            Map<String, Dataset> datasets,
            Map<String, SplitTally> tallies,
            SplitTally all,
            Card.@Nullable Inputs inputs) {
        DatasetManifest shared = first(datasets);
        List<Card.Split> splits = new ArrayList<>();
        datasets.forEach((name, dataset) -> {
            SplitTally tally =
                    tallies.getOrDefault(name, new SplitTally(shared.classes().size(), 0));
            splits.add(split(name, dataset.manifest(), tally));
        });
        return new Card(
                name(directory),
                shared.kind(),
                shared.shape(),
                Objects.requireNonNull(shared.encoding()),
                Objects.requireNonNull(shared.transform()),
                ShardFooter.FORMAT_VERSION,
                shared.configHash(),
                shared.seed(),
                shared.classes(),
                splits,
                all.pixels().card(),
                all.storedBytes(),
                inputs);
    }

    private static String name(Storage directory) {
        return directory.path(Card.NAME).getParent().getName();
    }

    /** The data sets by name, those trained on first. */
    private static Map<String, Dataset> open(Storage directory) throws IOException {
        Map<String, Dataset> datasets = new LinkedHashMap<>();
        if (directory.exists(DatasetManifest.NAME)) {
            datasets.put(name(directory), Dataset.open(directory));
        } else {
            List<String> names = new ArrayList<>(SPLITS);
            directory.list().stream().filter(name -> !SPLITS.contains(name)).forEach(names::add);
            for (String name : names) {
                if (directory.exists(name + "/" + DatasetManifest.NAME)) {
                    datasets.put(name, Dataset.open(directory.directory(name)));
                }
            }
        }
        Check.setting(
                !datasets.isEmpty(),
                "%s holds no data set: no %s in it or one directory below; name the output of a job that prepares one",
                directory,
                DatasetManifest.NAME);
        return datasets;
    }

    private static void requireAlike(Dataset dataset, DatasetManifest shared) {
        DatasetManifest own = dataset.manifest();
        Check.setting(
                !own.kind().equals(DatasetManifest.LATENTS),
                "%s holds latents; name a directory of pictures or clips",
                dataset.storage());
        Check.setting(
                own.configHash().equals(shared.configHash()) && own.classes().equals(shared.classes()),
                "%s was not prepared together with the data sets beside it; name one of them alone, or see what"
                        + " VerifyDataset finds",
                dataset.storage());
    }

    private static Card.Split split(String name, DatasetManifest manifest, SplitTally tally) {
        return new Card.Split(
                name,
                manifest.rows(),
                manifest.shards().size(),
                manifest.shards().stream().mapToLong(ShardInfo::bytes).sum(),
                manifest.datasetHash(),
                tally.rowsOfClass(),
                tally.pixels().card());
    }
}
