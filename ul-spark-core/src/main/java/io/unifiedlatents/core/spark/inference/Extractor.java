package io.unifiedlatents.core.spark.inference;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.ImageSample;
import io.unifiedlatents.core.data.LatentRow;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.core.data.ShardReader;
import io.unifiedlatents.core.data.ShardWriter;
import io.unifiedlatents.core.lease.Fence;
import io.unifiedlatents.core.lease.Lease;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.spark.cluster.Devices;
import io.unifiedlatents.core.spark.cluster.LeasedWork;
import io.unifiedlatents.core.spark.cluster.Partitions;
import io.unifiedlatents.core.spark.cluster.TaskHadoop;
import io.unifiedlatents.core.spark.cluster.TaskResources;
import io.unifiedlatents.core.stage.RunDirectory;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.torchscript.Program;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;

/** Encodes every training picture once, cluster-wide, into latents that lie row for row beside the shards. */
public final class Extractor {
    private Extractor() {}

    /**
     * Extracts with the newest encoder of the run, unless its latents of these shards are there already.
     *
     * @param terms of the lease of the directory of the latents
     * @return the latent data set, in {@link RunDirectory#latents}
     * @throws io.unifiedlatents.core.lease.LeaseException if another job writes latents of this run
     */
    public static Dataset extract(JavaSparkContext spark, RunConfig config, LeaseTerms terms)
            throws IOException, InterruptedException {
        RunDirectory run = new RunDirectory(config, spark.hadoopConfiguration());
        return LeasedWork.run(spark, run.latents(), terms, lease -> extract(spark, run, lease));
    }

    private static Dataset extract(JavaSparkContext spark, RunDirectory run, Lease lease) throws IOException {
        RunConfig config = run.config();
        Dataset images = Dataset.open(Storage.at(config.data().train(), run.hadoop()));
        images.requireSamples("data.train", config.model());
        Exports encoder = run.exports(StageName.LATENTS, 0);
        Storage target = run.latents();
        String hash = encoder.hash(Exports.ENCODER);
        if (target.exists(DatasetManifest.NAME)) {
            DatasetManifest there = Dataset.open(target).manifest();
            if (hash.equals(there.encoderHash())
                    && images.manifest().datasetHash().equals(there.imagesHash())) {
                return Dataset.open(target);
            }
            target.delete(DatasetManifest.NAME); // the old latents stop counting before the first shard changes
        }
        SampleShape latent = config.networks().latent();
        List<ShardInfo> shards = Partitions.of(
                        spark,
                        images.manifest().shards().size(),
                        images.manifest().rows())
                .withResources(TaskResources.ofNetworks(spark, config.compute()))
                .mapPartitions(new Task(
                        ConfigLoader.yaml(config),
                        encoder.directory().path(Exports.ENCODER).toString(),
                        hash,
                        target.toString(),
                        latent,
                        lease.number()))
                .collect();
        lease.fence().check();
        return Dataset.publish(
                target,
                DatasetManifest.latents(
                        images.manifest(),
                        latent,
                        new DatasetManifest.EncoderIdentity(
                                hash, encoder.scripts().getOrDefault(Exports.ENCODER, ""), encoder.identityHash()),
                        images.manifest().configHash(),
                        shards));
    }

    private record Task(
            String configYaml, String encoder, String encoderHash, String directory, SampleShape latent, long lease)
            implements FlatMapFunction<Iterator<Integer>, ShardInfo> {
        @Override
        public Iterator<ShardInfo> call(Iterator<Integer> indices) throws Exception {
            RunConfig config = ConfigLoader.parse(configYaml);
            Configuration hadoop = TaskHadoop.conf();
            Dataset images = Dataset.open(Storage.at(config.data().train(), hadoop));
            Storage target = Storage.at(directory, hadoop);
            Device device = Devices.ofTask(config.compute());
            List<ShardInfo> written = new ArrayList<>();
            Path path = new Path(encoder);
            try (InputStream file = path.getFileSystem(hadoop).open(path);
                    Program program = Program.load(file, device);
                    NDManager manager = io.unifiedlatents.core.torchscript.Torch.newManager(device)) {
                while (indices.hasNext()) {
                    ShardInfo shard = images.manifest().shards().get(indices.next());
                    written.add(encode(images, shard, target, program, manager));
                }
            }
            return written.iterator();
        }

        private ShardInfo encode(Dataset images, ShardInfo shard, Storage target, Program program, NDManager manager)
                throws IOException {
            try (ShardReader reader = images.open(shard);
                    ShardWriter<LatentRow> writer = ShardWriter.latents(
                            target,
                            shard,
                            latent,
                            encoderHash,
                            images.manifest().configHash())) {
                for (int group = 0; group < reader.rowGroups(); group++) {
                    List<ImageSample> samples = reader.samples(group);
                    float[] latents = encode(images, shard, samples, program, manager);
                    int values = latent.values();
                    for (int row = 0; row < samples.size(); row++) {
                        float[] own = java.util.Arrays.copyOfRange(latents, row * values, (row + 1) * values);
                        writer.write(new LatentRow(
                                samples.get(row).id(), samples.get(row).label(), own));
                    }
                }
                Fence.of(target, lease).check();
                return writer.finish();
            }
        }

        private static float[] encode(
                Dataset images, ShardInfo shard, List<ImageSample> samples, Program program, NDManager manager)
                throws IOException {
            SampleShape sample = images.requireOneShape();
            ByteBuffer bytes = ByteBuffer.allocateDirect(Math.multiplyExact(samples.size(), sample.values()));
            for (ImageSample each : samples) {
                bytes.put(images.decode(shard, each).pixels());
            }
            bytes.flip();
            try (NDManager call = manager.newSubManager()) {
                Shape shape = new Shape(sample.storedBatch(samples.size()));
                return program.call("encode", call, call.create(bytes, shape, DataType.UINT8))
                        .singletonOrThrow()
                        .toFloatArray();
            }
        }
    }
}
