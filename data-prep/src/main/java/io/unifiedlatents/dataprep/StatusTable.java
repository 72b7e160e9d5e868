package io.unifiedlatents.dataprep;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The Parquet table {@code status/}: one row per input. */
final class StatusTable {
    /** Where a kept input went. */
    record Place(String split, int shard) {}

    private static final int ROWS_PER_FILE = 500_000;

    static final StructType SCHEMA = new StructType()
            .add("path", DataTypes.StringType, false)
            .add("id", DataTypes.StringType, false)
            .add("outcome", DataTypes.StringType, false)
            .add("reason", DataTypes.StringType, true)
            .add("width", DataTypes.IntegerType, false)
            .add("height", DataTypes.IntegerType, false)
            .add("millis", DataTypes.LongType, false)
            .add("split", DataTypes.StringType, true)
            .add("shard", DataTypes.IntegerType, true);

    private StatusTable() {}

    /** Replaces the table; {@code places} by id, without those skipped. */
    static void write(SparkSession spark, String directory, List<Status> statuses, Map<String, Place> places) {
        List<Row> rows = new ArrayList<>(statuses.size());
        for (Status status : statuses) {
            Place place = places.get(status.input().id());
            rows.add(RowFactory.create(
                    status.input().path(),
                    status.input().id(),
                    status.kept() ? "kept" : "skipped",
                    status.reason(),
                    status.width(),
                    status.height(),
                    status.millis(),
                    place == null ? null : place.split(),
                    place == null ? null : place.shard()));
        }
        int files = 1 + rows.size() / ROWS_PER_FILE;
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        spark.createDataFrame(context.parallelize(rows, files), SCHEMA)
                .write()
                .mode(SaveMode.Overwrite)
                .parquet(directory);
    }
}
