package io.unifiedlatents.dataprep.check;

import io.unifiedlatents.core.storage.Storage;
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
    private record Stated(String outcome, String split, String file) implements Serializable {}

    /**
     * Compares.
     *
     * @param unread shards of which rows could not be read: what should lie in them is not missed
     */
    static JavaRDD<Problem> run(
            SparkSession spark, Storage directory, JavaRDD<CheckedShard.Seen> rows, Set<String> unread) {
        JavaPairRDD<String, Stated> stated = spark.read()
                .parquet(directory.path(NAME).toString())
                .select("path", "outcome", "split", "shard")
                .javaRDD()
                .mapToPair(row -> new Tuple2<>(row.getString(0), stated(row)));
        JavaPairRDD<String, Place> files = rows.mapToPair(
                        row -> new Tuple2<>(row.source(), Place.of(row.place().file())))
                .distinct();
        return stated.cogroup(files).flatMap(new Compare(new HashSet<>(unread)));
    }

    private static Stated stated(Row row) {
        String split = row.isNullAt(2) ? "" : row.getString(2);
        return new Stated(row.getString(1), split, file(split, row.isNullAt(3) ? null : row.get(3)));
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
            Set<String> files = new HashSet<>();
            input._2()._2().forEach(place -> files.add(place.file()));
            String difference = difference(rows, files);
            return difference.isEmpty()
                    ? List.<Problem>of().iterator()
                    : List.of(new Problem(Problem.Kind.STATUS, TABLE, "", input._1() + ": " + difference))
                            .iterator();
        }

        private String difference(List<Stated> rows, Set<String> files) {
            if (rows.size() != 1) {
                return rows.isEmpty()
                        ? "it has rows in " + files + ", and none here"
                        : "it has " + rows.size() + " rows here, not one";
            }
            Stated stated = rows.get(0);
            if (!stated.outcome().equals(KEPT)) {
                return files.isEmpty() ? "" : "its outcome is " + stated.outcome() + ", and it has rows in " + files;
            }
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
            boolean there = stated.file().isEmpty() || files.contains(stated.file());
            return there ? "" : "it should lie in " + stated.file() + ", and lies in " + new TreeSet<>(files);
        }
    }
}
