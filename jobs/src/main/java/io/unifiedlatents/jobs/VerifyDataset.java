package io.unifiedlatents.jobs;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.telemetry.Console;
import io.unifiedlatents.dataprep.SourceCheck;
import io.unifiedlatents.dataprep.check.CheckReport;
import io.unifiedlatents.dataprep.check.DatasetCheck;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prepared data sets → a table of everything in them that is not as their manifests and status rows say. */
@Command(name = "VerifyDataset", description = "reads prepared data sets whole; exit code 2 where anything is wrong")
public final class VerifyDataset extends Job {
    @Option(names = "--data", defaultValue = "", description = "prepared directory or one data set; prepare.output")
    private String data = "";

    @Option(
            names = "--no-decode",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "decode every picture, too (default), or trust its digest")
    private boolean decode;

    @Option(
            names = "--sources",
            defaultValue = "0",
            description = "share of the inputs, 0 to 1, to make again from prepare.source and compare")
    private double sources;

    @Option(names = "--show", defaultValue = "20", description = "problems to print; all are counted")
    private int shown;

    /** Entry point of spark-submit. */
    public static void main(String... arguments) {
        main(new VerifyDataset(), arguments);
    }

    @Override
    String plan(RunConfig config) {
        return "would read every shard below " + directory(config) + (decode ? " and decode every picture" : "");
    }

    @Override
    int run(SparkSession spark, RunConfig config) throws Exception {
        Storage directory = Storage.at(directory(config), spark.sparkContext().hadoopConfiguration());
        CheckReport report = DatasetCheck.run(spark, directory, decode, shown);
        Console.println(report.table());
        if (sources == 0) {
            return report.sound() ? 0 : USER_ERROR;
        }
        SourceCheck.Result made = SourceCheck.run(spark, directory, config.prepare(), sources, shown);
        made.descriptions().forEach(Console::println);
        Console.printf("%,d rows made again, %,d of them are different", made.compared(), made.different());
        return report.sound() && made.different() == 0 ? 0 : USER_ERROR;
    }

    private String directory(RunConfig config) {
        return data.isEmpty() ? config.prepare().output() : data;
    }
}
