package io.unifiedlatents.jobs;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.telemetry.Console;
import io.unifiedlatents.dataprep.describe.Card;
import io.unifiedlatents.dataprep.describe.DatasetCard;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prepared data sets → a card of what is in them, with a contact sheet. */
@Command(name = "DescribeDataset", description = "what is in prepared data sets: _card.json, _card.md, _card.html")
public final class DescribeDataset extends Job {
    @Option(names = "--data", defaultValue = "", description = "prepared directory or one data set; prepare.output")
    private String data = "";

    @Option(
            names = "--pictures",
            defaultValue = "6",
            description = "pictures or clips of each class on the contact sheet; fewer where there are many classes")
    private int perClass;

    /** Entry point of spark-submit. */
    public static void main(String... arguments) {
        main(new DescribeDataset(), arguments);
    }

    @Override
    String plan(RunConfig config) {
        return "would read every shard below " + directory(config) + " and describe it in " + Card.NAME + ".html";
    }

    @Override
    int run(SparkSession spark, RunConfig config) throws Exception {
        Storage directory = Storage.at(directory(config), spark.sparkContext().hadoopConfiguration());
        Card card = DatasetCard.write(spark, directory, perClass);
        Console.printf("%s → %s", card.summary(), directory.path(Card.NAME + ".html"));
        return 0;
    }

    private String directory(RunConfig config) {
        return data.isEmpty() ? config.prepare().output() : data;
    }
}
