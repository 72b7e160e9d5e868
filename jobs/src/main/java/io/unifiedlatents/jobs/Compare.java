package io.unifiedlatents.jobs;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.report.Comparison;
import io.unifiedlatents.core.report.ReportPage;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.telemetry.Console;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Reports of Evaluate → their figures side by side, where they were measured alike. */
@Command(name = "Compare", description = "reports side by side; exit code 2 where they were not measured alike")
public final class Compare extends Job {
    @Option(
            names = "--reports",
            required = true,
            arity = "1..*",
            description = "report.json, or a directory with one, on any Hadoop file system; two or more")
    private List<String> reports = new ArrayList<>();

    @Option(names = "--unlike", description = "show them even where they were not measured alike")
    private boolean unlike;

    @Option(names = "--html", defaultValue = "", description = "also write a page with rate-distortion plots here")
    private String html = "";

    /** Entry point of spark-submit. */
    public static void main(String... arguments) {
        main(new Compare(), arguments);
    }

    @Override
    String plan(RunConfig config) {
        return "would compare " + String.join(", ", reports) + (html.isEmpty() ? "" : " and write " + html);
    }

    @Override
    int run(SparkSession spark, RunConfig config) throws Exception {
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        Comparison comparison = Comparison.read(reports, hadoop);
        if (!unlike) {
            comparison.requireAlike();
        }
        Console.println(comparison.table());
        if (!html.isEmpty()) {
            Path page = new Path(html);
            Path directory = page.getParent() == null ? new Path(".") : page.getParent();
            Storage.at(directory.toString(), hadoop).publish(page.getName(), ReportPage.of(comparison));
            Console.println("→ " + html);
        }
        return 0;
    }
}
