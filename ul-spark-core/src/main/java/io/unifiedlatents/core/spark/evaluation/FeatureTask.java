package io.unifiedlatents.core.spark.evaluation;

import ai.djl.Device;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.data.PictureSet;
import io.unifiedlatents.core.metrics.detector.FeatureExtractor;
import io.unifiedlatents.core.metrics.features.FeatureSet;
import io.unifiedlatents.core.metrics.features.FeatureWriter;
import io.unifiedlatents.core.metrics.picture.PictureSets;
import io.unifiedlatents.core.spark.cluster.Devices;
import io.unifiedlatents.core.spark.cluster.Partitions;
import io.unifiedlatents.core.spark.cluster.TaskHadoop;
import io.unifiedlatents.core.spark.cluster.TaskResources;
import io.unifiedlatents.core.storage.Storage;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;

/**
 * Features of pictures and clips that are there already.
 *
 * @param configYaml resolved config: its detector makes them
 * @param location of the set
 * @param limit pictures or clips taken; 0 for all
 * @param directory where they go
 */
record FeatureTask(String configYaml, String location, int limit, String directory)
        implements FlatMapFunction<Iterator<Integer>, FeatureTask.Unit> {
    /**
     * The result of a unit.
     *
     * @param unit its index
     * @param rows vectors written, by kind
     */
    record Unit(int unit, Map<String, Integer> rows) implements Serializable {}

    /** Makes the features of a whole set, cluster-wide. */
    static FeatureSet run(JavaSparkContext spark, RunConfig config, PictureSet set, int limit, String directory) {
        List<Unit> units = Partitions.of(spark, set.rows().size(), set.count())
                .withResources(TaskResources.ofNetworks(spark, config.compute()))
                .mapPartitions(new FeatureTask(ConfigLoader.yaml(config), set.location(), limit, directory))
                .collect();
        return FeatureSet.of(
                directory,
                units.stream()
                        .sorted(java.util.Comparator.comparingInt(Unit::unit))
                        .map(Unit::rows)
                        .toList());
    }

    @Override
    public Iterator<Unit> call(Iterator<Integer> units) throws Exception {
        RunConfig config = ConfigLoader.parse(configYaml);
        Configuration hadoop = TaskHadoop.conf();
        Device device = Devices.ofTask(config.compute());
        PictureSet set = PictureSets.open(location, limit, config.evaluate().batch(), hadoop);
        List<Unit> results = new ArrayList<>();
        try (FeatureExtractor extractor = FeatureWriter.extractor(config.evaluate(), device, hadoop)) {
            FeatureWriter writer = new FeatureWriter(
                    extractor, config.evaluate().clips(), set.frames(), Storage.at(directory, hadoop));
            while (units.hasNext()) {
                int unit = units.next();
                set.read(unit, writer::add);
                results.add(new Unit(unit, writer.finish(unit)));
            }
        }
        return results.iterator();
    }
}
