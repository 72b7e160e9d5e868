package io.unifiedlatents.dataprep.describe;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.split;

import io.unifiedlatents.core.storage.Storage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** Counts over the table {@code status/}. */
final class StatusSummary {
    private static final String NAME = "status";
    private static final int COMMON_SIZES = 5;

    /** Ends of the bins of sides in pixels: powers of two and what lies in the middle between them. */
    private static final long[] SIDES = {
        0, 16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192
    };

    private StatusSummary() {}

    /** Counts; null where there is no table. */
    static Card.@Nullable Inputs of(SparkSession spark, Storage directory) throws java.io.IOException {
        if (!directory.exists(NAME)) {
            return null;
        }
        Dataset<Row> table = spark.read().parquet(directory.path(NAME).toString());
        List<String> columns = Arrays.asList(table.columns());
        List<Card.Outcome> outcomes = new ArrayList<>();
        // a reason may end in what is of one input alone, after a colon
        var reason = columns.contains("reason")
                ? coalesce(split(col("reason"), ":", 2).getItem(0), lit(""))
                : lit("");
        for (Row row : table.groupBy(col("outcome"), reason.as("reason"))
                .count()
                .orderBy(col("count").desc(), col("outcome"), col("reason"))
                .collectAsList()) {
            outcomes.add(new Card.Outcome(row.getString(0), row.getString(1), row.getLong(2)));
        }
        if (!columns.contains("width") || !columns.contains("height")) {
            return new Card.Inputs(outcomes, List.of(), List.of());
        }
        Dataset<Row> kept = table.filter("outcome = 'kept' and width > 0 and height > 0");
        return new Card.Inputs(outcomes, shorterSides(kept), commonSizes(kept));
    }

    private static List<Card.Bin> shorterSides(Dataset<Row> kept) {
        long[] counts = new long[SIDES.length];
        for (Row row : kept.groupBy(least(col("width"), col("height"))).count().collectAsList()) {
            int found = Arrays.binarySearch(SIDES, row.getInt(0));
            counts[found >= 0 ? found : -found - 2] += row.getLong(1);
        }
        List<Card.Bin> bins = new ArrayList<>();
        for (int i = 0; i < SIDES.length; i++) {
            bins.add(new Card.Bin(SIDES[i], i + 1 < SIDES.length ? SIDES[i + 1] : 0, counts[i]));
        }
        return Card.Bin.trim(bins);
    }

    private static List<Card.Size> commonSizes(Dataset<Row> kept) {
        List<Card.Size> sizes = new ArrayList<>();
        for (Row row : kept.groupBy("width", "height")
                .count()
                .orderBy(col("count").desc(), col("width"), col("height"))
                .limit(COMMON_SIZES)
                .collectAsList()) {
            sizes.add(new Card.Size(row.getInt(0), row.getInt(1), row.getLong(2)));
        }
        return sizes;
    }
}
