package io.unifiedlatents.dataprep.check;

import io.unifiedlatents.dataprep.check.ShardCheck.CheckedRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/** The checks across all shards of a directory: unique ids, and sources in one split. */
final class Uniqueness {
    private Uniqueness() {}

    /** Returns a problem for each row but the first of those that share an id. */
    static JavaRDD<Problem> duplicates(JavaRDD<CheckedRow> rows) {
        return rows.mapToPair(row -> new Tuple2<>(row.id(), row.place()))
                .groupByKey()
                .flatMap(same -> {
                    List<Place> places = new ArrayList<>();
                    same._2().forEach(places::add);
                    places.sort(null);
                    List<Problem> problems = new ArrayList<>();
                    for (Place place : places.subList(1, places.size())) {
                        String what = "this id has " + places.get(0) + " too";
                        problems.add(new Problem(Problem.Kind.DUPLICATE, place, same._1(), what));
                    }
                    return problems.iterator();
                });
    }

    /** Returns a problem for each source with rows in several splits: training would see held-out data. */
    static JavaRDD<Problem> leaks(JavaRDD<CheckedRow> rows) {
        return rows.mapToPair(row -> new Tuple2<>(new Tuple2<>(row.source(), row.split()), row.place()))
                .reduceByKey((one, other) -> one.compareTo(other) < 0 ? one : other)
                .mapToPair(first ->
                        new Tuple2<>(first._1()._1(), new Tuple2<>(first._1()._2(), first._2())))
                .groupByKey()
                .flatMap(source -> {
                    Map<String, Place> splits = new TreeMap<>();
                    source._2().forEach(split -> splits.put(split._1(), split._2()));
                    if (splits.size() < 2) {
                        return List.<Problem>of().iterator();
                    }
                    String what =
                            "source %s has rows in %s".formatted(source._1(), String.join(" and ", splits.keySet()));
                    Place place = splits.values().iterator().next();
                    return List.of(new Problem(Problem.Kind.LEAK, place, "", what))
                            .iterator();
                });
    }
}
