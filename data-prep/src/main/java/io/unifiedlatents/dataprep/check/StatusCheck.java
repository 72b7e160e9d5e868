package io.unifiedlatents.dataprep.check;

import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.dataprep.check.ShardCheck.CheckedRow;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * The check of the table {@code status/} against the rows: kept inputs have the rows stated, rows have a kept input.
 */
final class StatusCheck {
    /** Directory of the table. */
    static final String NAME = "status";

    private static final String KEPT = "kept";
    private static final Place TABLE = Place.of(NAME);

    private StatusCheck() {}

    /** An input as the table states it; {@code file} is empty where it names no shard. */
    private record Stated(String outcome, String split, String file, int rows) implements Serializable {}

    /**
     * Returns one problem for each input whose rows differ from its status.
     *
     * @param unread shards of which some rows could not be read; rows that should lie in them are not missed
     */
    static JavaRDD<Problem> run(SparkSession spark, Storage directory, JavaRDD<CheckedRow> rows, Set<String> unread) {
        JavaPairRDD<String, Stated> stated = spark.read()
                .parquet(directory.path(NAME).toString())
                .select("path", "outcome", "split", "shard", "rows")
                .javaRDD()
                .mapToPair(row -> new Tuple2<>(row.getString(0), stated(row)));
        JavaPairRDD<String, Place> files = rows.mapToPair(
                row -> new Tuple2<>(row.source(), Place.of(row.place().file())));
        Set<String> serializable = new HashSet<>(unread);
        return stated.cogroup(files)
                .flatMap(
                        input -> compare(input._1(), input._2()._1(), input._2()._2(), serializable));
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

    private static Iterator<Problem> compare(
            String path, Iterable<Stated> inputs, Iterable<Place> places, Set<String> unread) {
        List<Stated> stated = new ArrayList<>();
        inputs.forEach(stated::add);
        List<String> files = new ArrayList<>(); // of each row
        places.forEach(place -> files.add(place.file()));
        String difference = difference(stated, files, unread);
        return difference.isEmpty()
                ? Collections.emptyIterator()
                : List.of(new Problem(Problem.Kind.STATUS, TABLE, "", path + ": " + difference))
                        .iterator();
    }

    /** Inputs may share a name, as members of an archive do; at most one of them is kept. */
    private static String difference(List<Stated> inputs, List<String> files, Set<String> unread) {
        List<Stated> kept =
                inputs.stream().filter(input -> input.outcome().equals(KEPT)).toList();
        if (kept.size() > 1) {
            return "it is kept " + kept.size() + " times, not once";
        }
        if (kept.isEmpty()) {
            String outcome = inputs.isEmpty() ? "not here" : inputs.get(0).outcome();
            return files.isEmpty() ? "" : "its outcome is " + outcome + ", and it has rows in " + new TreeSet<>(files);
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
