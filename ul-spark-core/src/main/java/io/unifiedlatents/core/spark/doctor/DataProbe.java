package io.unifiedlatents.core.spark.doctor;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/** The check of a data set against its manifest. */
final class DataProbe {
    private DataProbe() {}

    /**
     * Opens it, compares the length of every shard, and reads the first whole.
     *
     * @param key setting that names the directory
     * @param shape of the samples that the networks take
     */
    static Finding check(String key, String directory, SampleShape shape, Configuration hadoop) throws IOException {
        Dataset dataset = Dataset.open(Storage.at(directory, hadoop));
        dataset.requireSamples(key, shape);
        List<ShardInfo> shards = dataset.manifest().shards();
        Check.setting(!shards.isEmpty(), "%s %s has no shards, at least 1 is needed", key, directory);
        long bytes = 0;
        for (ShardInfo shard : shards) {
            requireLength(dataset.storage(), shard);
            bytes += shard.bytes();
        }
        dataset.verify(shards.get(0));
        return Finding.pass(String.format(
                "%,d pictures of %s in %,d shards, %,d bytes; %s is as its digest says",
                dataset.manifest().rows(),
                shape,
                shards.size(),
                bytes,
                shards.get(0).name()));
    }

    private static void requireLength(Storage storage, ShardInfo shard) throws IOException {
        if (!storage.exists(shard.name())) {
            throw new CorruptDataException(
                    "shard " + storage.path(shard.name()) + " is missing, its manifest lists it");
        }
        long length = storage.length(shard.name());
        if (length != shard.bytes()) {
            throw new CorruptDataException("shard %s has %,d bytes, its manifest says %,d"
                    .formatted(storage.path(shard.name()), length, shard.bytes()));
        }
    }
}
