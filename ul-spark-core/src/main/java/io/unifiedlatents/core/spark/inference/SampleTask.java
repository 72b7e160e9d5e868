package io.unifiedlatents.core.spark.inference;

import io.unifiedlatents.core.config.PrepareConfig;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.SampleConfig;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.ImageCodec;
import io.unifiedlatents.core.data.ImageRow;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.data.RowGroupLimit;
import io.unifiedlatents.core.data.ShardFooter;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.core.data.ShardReader;
import io.unifiedlatents.core.data.ShardWriter;
import io.unifiedlatents.core.lease.Fence;
import io.unifiedlatents.core.sample.LoadedNetworks;
import io.unifiedlatents.core.sample.Sampler;
import io.unifiedlatents.core.spark.cluster.TaskHadoop;
import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.function.FlatMapFunction;

/**
 * Samples some shards.
 *
 * @param networks base model and decoder
 * @param directory of the data set
 * @param shardRows samples in each shard but the last
 * @param footer names networks and settings
 * @param lease number of the lease of the directory
 */
record SampleTask(RunNetworks networks, String directory, int shardRows, ShardFooter footer, long lease)
        implements FlatMapFunction<Iterator<Integer>, ShardInfo> {
    private static final String SHARD = "samples-";

    @Override
    public Iterator<ShardInfo> call(Iterator<Integer> shards) throws Exception {
        RunConfig config = networks.config();
        Configuration hadoop = TaskHadoop.conf();
        Storage target = Storage.at(directory, hadoop);
        List<ShardInfo> written = new ArrayList<>();
        try (LoadedNetworks loaded = networks.load(hadoop)) {
            Sampler sampler = new Sampler(networks.model(), loaded, config.seed(), config.sample());
            while (shards.hasNext()) {
                int shard = shards.next();
                String name = String.format("%s%05d.parquet", SHARD, shard);
                written.add(
                        isThere(target, name)
                                ? ShardReader.describe(target, name)
                                : write(target, name, (long) shard * shardRows, sampler, config));
            }
        }
        return written.iterator();
    }

    /** Whether a file is called as shards are, whole or begun. */
    static boolean isShard(String file) {
        return file.matches("\\.?" + SHARD + "\\d+\\.parquet(\\..*\\.tmp)?");
    }

    private boolean isThere(Storage target, String name) throws IOException {
        try {
            return target.exists(name) && ShardReader.isWritten(target, name, DatasetManifest.IMAGES, footer, null);
        } catch (CorruptDataException e) {
            return false; // written anew
        }
    }

    private ShardInfo write(Storage target, String name, long first, Sampler sampler, RunConfig config)
            throws IOException {
        SampleConfig sample = config.sample();
        long end = Math.min(first + shardRows, sample.images());
        PrepareConfig prepare = config.prepare();
        RowGroupLimit groups = new RowGroupLimit(prepare.rowGroupRows(), (long) prepare.rowGroupMegabytes() << 20);
        try (ShardWriter<ImageRow> writer = ShardWriter.images(target, name, groups, footer)) {
            for (long from = first; from < end; from += sample.batch()) {
                long[] numbers = LongStream.range(from, from + sample.batch()).toArray(); // whole batches
                byte[][] pictures = sampler.sample(numbers);
                for (int i = 0; i < Math.min(numbers.length, end - from); i++) {
                    byte[] png = ImageCodec.encodePng(Rgb.of(config.model(), pictures[i]));
                    String source = Sampler.id(numbers[i]);
                    int label =
                            sample.label(numbers[i], config.base().condition().classCount());
                    writer.write(new ImageRow(
                            Hashes.sampleId(source, 0),
                            png,
                            label,
                            footer.classes().get(label),
                            null,
                            config.model().width(),
                            config.model().height(),
                            source,
                            Hashes.sha256(png)));
                }
            }
            Fence.of(target, lease).check();
            return writer.finish();
        }
    }
}
