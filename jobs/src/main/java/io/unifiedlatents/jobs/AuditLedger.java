package io.unifiedlatents.jobs;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.Ledger;
import io.unifiedlatents.core.stage.RunDirectory;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.telemetry.Console;
import java.util.HashMap;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Recomputes which samples a run has trained on and compares them with its ledger. */
@Command(name = "AuditLedger", description = "compares the samples of every step with the run's ledger")
public final class AuditLedger extends Job {
    @Option(names = "--stage", defaultValue = "latents", description = "latents, decoder or base")
    private String stage = "latents";

    @Option(names = "--list-step", defaultValue = "-1", description = "also print the sample ids of this step, from 0")
    private long listed;

    /** Entry point of spark-submit. */
    public static void main(String... arguments) {
        main(new AuditLedger(), arguments);
    }

    @Override
    String plan(RunConfig config) {
        return "would audit the ledger of " + stage + " below " + config.runDirectory();
    }

    @Override
    int run(SparkSession spark, RunConfig config) throws Exception {
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        Dataset images = Dataset.open(Storage.at(config.data().train(), hadoop));
        Ledger ledger = new Ledger(new RunDirectory(config, hadoop).stage(StageName.named(stage)));
        Map<String, Long> uses = new HashMap<>();
        LongAdder steps = new LongAdder();
        ledger.audit(images, (step, ids) -> {
            steps.increment();
            ids.forEach(id -> uses.merge(id, 1L, Long::sum));
            if (step == listed) {
                ids.forEach(Console::println);
            }
        });
        LongSummaryStatistics counts =
                uses.values().stream().mapToLong(Long::longValue).summaryStatistics();
        Console.printf(
                "%,d steps as recorded: %,d samples of %,d pictures, each %d to %d times",
                steps.sum(), counts.getSum(), counts.getCount(), counts.getMin(), counts.getMax());
        return 0;
    }
}
