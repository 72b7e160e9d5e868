package io.unifiedlatents.dataprep;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.PrepareConfig;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.random.Seeds;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.dataprep.source.Part;
import io.unifiedlatents.dataprep.source.PartReader;
import io.unifiedlatents.dataprep.source.SourceInput;
import io.unifiedlatents.dataprep.source.UnusableInput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/** Makes the samples of some inputs again and compares them with the data sets. Nothing is written. */
public final class SourceCheck {
    private SourceCheck() {}

    /**
     * The result of the comparison.
     *
     * @param compared number of rows of the inputs that were made again
     * @param different number of rows with other bytes, or whose input is gone or cannot be used any more
     * @param descriptions of the first of those rows, by source
     */
    public record Result(long compared, long different, List<String> descriptions) {}

    /**
     * Checks a share of the inputs.
     *
     * @param output directory with the data sets
     * @param config that they were prepared with
     * @param fraction of the inputs, drawn by their names and the seed; above 0, up to 1
     * @param shown how many differences are described
     */
    public static Result run(SparkSession spark, Storage output, PrepareConfig config, double fraction, int shown)
            throws IOException {
        Check.setting(
                fraction > 0 && fraction <= 1, "the share to make again, %s, must be above 0 and up to 1", fraction);
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        Chosen chosen = new Chosen(config.seed(), fraction);
        Preparation preparation = null;
        JavaPairRDD<String, String> held = JavaPairRDD.fromJavaRDD(context.emptyRDD());
        for (Split split : Split.values()) {
            Storage directory = output.directory(split.directory());
            if (directory.exists(DatasetManifest.NAME)) {
                DatasetManifest manifest = Dataset.open(directory).manifest();
                preparation = preparation(spark, config, manifest);
                preparation.requireSameSettings(directory.toString(), manifest.configHash());
                held = held.union(spark.read()
                        .parquet(directory.toString())
                        .select("source", "id", "sha256")
                        .javaRDD()
                        .filter(row -> chosen.has(row.getString(0)))
                        .mapToPair(SourceCheck::named));
            }
        }
        if (preparation == null) {
            throw new ConfigException(output + " holds no data set; prepare one");
        }
        List<Part> parts = preparation.parts();
        JavaPairRDD<String, String> made = context.parallelize(parts, parts.size())
                .flatMap(new Remake(
                        preparation.maker(),
                        config.secondsPerInput(),
                        chosen,
                        new SerializableConfiguration(context.hadoopConfiguration())))
                .mapToPair(sample -> sample);
        JavaPairRDD<String, Tuple2<Iterable<String>, Iterable<String>>> both = held.cogroup(made)
                .filter(row -> row._2()._1().iterator().hasNext())
                .cache();
        List<String> differences = new ArrayList<>(
                both.filter(row -> !same(row._2())).map(SourceCheck::difference).collect());
        differences.sort(Comparator.naturalOrder());
        return new Result(
                both.count(), differences.size(), differences.subList(0, Math.min(shown, differences.size())));
    }

    private static Preparation preparation(SparkSession spark, PrepareConfig config, DatasetManifest manifest)
            throws IOException {
        return manifest.kind().equals(DatasetManifest.CLIPS)
                ? Preparation.videos(spark, config)
                : Preparation.images(spark, config);
    }

    private static Tuple2<String, String> named(Row row) {
        return new Tuple2<>(name(row.getString(0), row.getString(1)), row.getString(2));
    }

    private static String name(String source, String id) {
        return source + " (id " + id + ")";
    }

    private static boolean same(Tuple2<Iterable<String>, Iterable<String>> digests) {
        Iterator<String> made = digests._2().iterator();
        return made.hasNext() && made.next().equals(digests._1().iterator().next());
    }

    private static String difference(Tuple2<String, Tuple2<Iterable<String>, Iterable<String>>> row) {
        Iterator<String> made = row._2()._2().iterator();
        String now = made.hasNext() ? "comes out as " + made.next() : "cannot be made again";
        return row._1() + " was stored as " + row._2()._1().iterator().next() + " and " + now;
    }

    /** The choice of the inputs to make again. */
    private record Chosen(long seed, double fraction) implements java.io.Serializable {
        boolean has(String path) {
            String id = Hashes.sampleId(path, 0);
            long key = Seeds.of(seed, "verify", Long.parseUnsignedLong(id.substring(0, 16), 16));
            return Seeds.unitInterval(key) < fraction;
        }
    }

    /** Names and digests of the samples of the chosen inputs of a part. */
    private record Remake(SampleMaker maker, int secondsPerInput, Chosen chosen, SerializableConfiguration hadoop)
            implements FlatMapFunction<Part, Tuple2<String, String>> {
        @Override
        public Iterator<Tuple2<String, String>> call(Part part) throws IOException {
            List<Tuple2<String, String>> samples = new ArrayList<>();
            try (PartReader reader = part.open(hadoop.value());
                    TimeLimit limit = new TimeLimit(secondsPerInput)) {
                for (SourceInput input = reader.next(); input != null; input = reader.next()) {
                    if (input.problem() == null && chosen.has(input.path())) {
                        samples.addAll(make(input.path(), input.read(), limit));
                    }
                }
            }
            return samples.iterator();
        }

        private List<Tuple2<String, String>> make(String path, byte[] bytes, TimeLimit limit) throws IOException {
            List<Tuple2<String, String>> samples = new ArrayList<>();
            try {
                limit.call(
                        path,
                        () -> maker.make(
                                path,
                                bytes,
                                sample -> samples.add(new Tuple2<>(
                                        name(path, Hashes.sampleId(path, sample.window())),
                                        Hashes.sha256(sample.stored())))));
                return samples;
            } catch (UnusableInput e) {
                return List.of(); // where it has rows, they are found to be without
            }
        }
    }
}
