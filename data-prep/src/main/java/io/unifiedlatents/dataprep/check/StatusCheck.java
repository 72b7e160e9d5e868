package io.unifiedlatents.dataprep.check;

import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.dataprep.check.ShardCheck.CheckedRow;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/** The table {@code status/} against the rows: kept inputs have rows where it says, rows have a kept input. */
final class StatusCheck {
    /** Directory of the table. */
    static final String NAME = "status";

    private static final String KEPT = "kept";
    private static final Place TABLE = Place.of(NAME);

    private StatusCheck() {}

    /** What the table says of an input; {@code file} is empty where it names no shard. */
    private record Stated(String outcome, String split, String file, int rows) implements Serializable {}

    /**
     * Compares.
     *
     * @param unread shards of which rows could not be read: what should lie in them is not missed
     */
    static JavaRDD<Problem> run(SparkSession spark, Storage directory, JavaRDD<CheckedRow> rows, Set<String> unread) {
        JavaPairRDD<String, Stated> stated = spark.read()
                .parquet(directory.path(NAME).toString())
                .select("path", "outcome", "split", "shard", "rows")
                .javaRDD()
                .mapToPair(row -> new Tuple2<>(row.getString(0), stated(row)));
        JavaPairRDD<String, Place> files = rows.mapToPair(
                row -> new Tuple2<>(row.source(), Place.of(row.place().file())));
        return stated.cogroup(files).flatMap(new Compare(new HashSet<>(unread)));
    }

    private static Stated stated(Row row) {
        String split = row.isNullAt(2) ? "" : row.getString(2);
        return new Stated(row.getString(1), split, file(split, row.isNullAt(3) ? null : row.get(3)), row.getInt(4));
    }

    private static String file(String split, @Nullable Object shard) {
        if (shard == null) {
            return "";
        }
        String name =
                shard instanceof Number number ? "shard-%06d.parquet".formatted(number.intValue()) : shard.toString();
        return split + "/" + name;
    }

    private record Compare(HashSet<String> unread)
            implements FlatMapFunction<Tuple2<String, Tuple2<Iterable<Stated>, Iterable<Place>>>, Problem> {
        @Override
        public java.util.Iterator<Problem> call(Tuple2<String, Tuple2<Iterable<Stated>, Iterable<Place>>> input) {
            List<Stated> rows = new ArrayList<>();
            input._2()._1().forEach(rows::add);
            List<String> files = new ArrayList<>(); // of each row
            input._2()._2().forEach(place -> files.add(place.file()));
            String difference = difference(rows, files);
            return difference.isEmpty()
                    ? List.<Problem>of().iterator()
                    : List.of(new Problem(Problem.Kind.STATUS, TABLE, "", input._1() + ": " + difference))
                            .iterator();
        }

        /** Inputs may share a name, as members of an archive do; at most one of them is kept. */
        private String difference(List<Stated> inputs, List<String> files) {
            List<Stated> kept = inputs.stream()
                    .filter(input -> input.outcome().equals(KEPT))
                    .toList();
            if (kept.size() > 1) {
                return "it is kept " + kept.size() + " times, not once";
            }
            if (kept.isEmpty()) {
                String outcome = inputs.isEmpty() ? "not here" : inputs.get(0).outcome();
                return files.isEmpty()
                        ? ""
                        : "its outcome is " + outcome + ", and it has rows in " + new TreeSet<>(files);
            }
            Stated stated = kept.get(0);
            if (unread.contains(stated.file())) {
                return "";
            }
            if (files.isEmpty()) {
                return "its outcome is kept, and it has no row in " + stated.split();
            }
            String split = stated.split() + "/";
            if (!files.stream().allMatch(file -> file.startsWith(split))) {
                return "it should lie in " + stated.split() + " alone, and lies in " + new TreeSet<>(files);
            }
            if (!stated.file().isEmpty() && !files.contains(stated.file())) {
                return "it should lie in " + stated.file() + ", and lies in " + new TreeSet<>(files);
            }
            boolean all = files.size() == stated.rows() || !unread.isEmpty();
            return all ? "" : "it should have " + stated.rows() + " rows, and has " + files.size();
        }
    }
}
