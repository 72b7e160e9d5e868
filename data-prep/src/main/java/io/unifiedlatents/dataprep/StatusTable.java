package io.unifiedlatents.dataprep;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The Parquet table {@code status/}: one row per input. */
final class StatusTable {
    private static final int ROWS_PER_FILE = 500_000;

    static final StructType SCHEMA = new StructType()
            .add("path", DataTypes.StringType, false)
            .add("id", DataTypes.StringType, false)
            .add("outcome", DataTypes.StringType, false)
            .add("reason", DataTypes.StringType, true)
            .add("bytes", DataTypes.LongType, false)
            .add("sha256", DataTypes.StringType, false)
            .add("width", DataTypes.IntegerType, false)
            .add("height", DataTypes.IntegerType, false)
            .add("millis", DataTypes.LongType, false)
            .add("split", DataTypes.StringType, true)
            .add("shard", DataTypes.IntegerType, true)
            .add("rows", DataTypes.IntegerType, false);

    private StatusTable() {}

    /** Replaces the table. */
    static void write(SparkSession spark, String directory, List<Plan.Verdict> verdicts) {
        List<Row> rows = new ArrayList<>(verdicts.size());
        for (Plan.Verdict verdict : verdicts) {
            Status status = verdict.status();
            Split split = verdict.split();
            rows.add(RowFactory.create(
                    status.path(),
                    verdict.id(),
                    verdict.outcome().name().toLowerCase(Locale.ROOT),
                    verdict.reason(),
                    status.bytes(),
                    status.sha256(),
                    status.width(),
                    status.height(),
                    status.millis(),
                    split == null ? null : split.directory(),
                    verdict.shard(),
                    split == null ? 0 : status.samples().size()));
        }
        int files = 1 + rows.size() / ROWS_PER_FILE;
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        spark.createDataFrame(context.parallelize(rows, files), SCHEMA)
                .write()
                .mode(SaveMode.Overwrite)
                .parquet(directory);
    }
}
