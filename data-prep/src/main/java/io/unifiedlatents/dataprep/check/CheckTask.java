package io.unifiedlatents.dataprep.check;

import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.io.Serializable;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.util.SerializableConfiguration;

/** Checks one shard on an executor. */
record CheckTask(boolean decode, int limit, SerializableConfiguration hadoop)
        implements Function<CheckTask.Assignment, CheckedShard> {
    /**
     * A shard to check.
     *
     * @param split name of its data set, {@code .} for the directory itself
     * @param directory of the data set
     * @param index in its manifest
     */
    record Assignment(String split, String directory, int index) implements Serializable {}

    @Override
    public CheckedShard call(Assignment shard) throws IOException {
        Dataset dataset = Dataset.open(Storage.at(shard.directory(), hadoop.value()));
        return new ShardCheck(shard.split(), dataset, shard.index(), decode, limit).run();
    }
}
