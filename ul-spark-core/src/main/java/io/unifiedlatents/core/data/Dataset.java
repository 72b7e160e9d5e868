package io.unifiedlatents.core.data;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A published data set: its manifest and its directory. Row groups are numbered through all shards, in the order of the
 * manifest. Immutable; holds nothing that needs closing.
 */
public final class Dataset {
    /** A row group: the shard it lies in and its index there. */
    record Location(ShardInfo shard, int groupInShard) {}

    private final Storage storage;
    private final DatasetManifest manifest;
    private final List<Location> groups = new ArrayList<>();

    private Dataset(Storage storage, DatasetManifest manifest) {
        this.storage = storage;
        this.manifest = manifest;
        for (ShardInfo shard : manifest.shards()) {
            IntStream.range(0, shard.rowGroups().size()).forEach(i -> groups.add(new Location(shard, i)));
        }
    }

    /**
     * Opens a data set by its manifest; shards are not touched.
     *
     * @throws ConfigException where there is no manifest
     * @throws CorruptDataException where the manifest cannot be read or does not add up
     */
    public static Dataset open(Storage storage) throws IOException {
        Check.setting(
                storage.exists(DatasetManifest.NAME),
                "%s is not a data set: it has no %s; finish the job that prepares it, or name another directory",
                storage,
                DatasetManifest.NAME);
        String path = storage.path(DatasetManifest.NAME).toString();
        return new Dataset(storage, DatasetManifest.fromJson(storage.readText(DatasetManifest.NAME), path));
    }

    /** Publishes the manifest, the commit of a data set whose shards are all in place, and opens the data set. */
    public static Dataset publish(Storage storage, DatasetManifest manifest) throws IOException {
        storage.publish(DatasetManifest.NAME, manifest.toJson());
        return new Dataset(storage, manifest);
    }

    /** The manifest. */
    public DatasetManifest manifest() {
        return manifest;
    }

    /** The directory of the data set. */
    public Storage storage() {
        return storage;
    }

    /**
     * Checks that these are pictures or clips of the shape that networks are made for.
     *
     * @param key setting that names this data set
     * @param shape of the samples that the networks take
     * @throws ConfigException naming both, where they differ
     */
    public void requireSamples(String key, SampleShape shape) {
        Check.setting(
                !manifest.kind().equals(DatasetManifest.LATENTS),
                "%s=%s holds latents; name a data set of images or clips",
                key,
                storage);
        Check.setting(
                shape.equals(manifest.shape()),
                "%s=%s holds %s of %s, the networks are made for samples of %s; set model.height, model.width and"
                        + " model.frames to the shape of the data, or prepare it again",
                key,
                storage,
                manifest.kind(),
                SampleShape.text(manifest.shape()),
                shape);
    }

    /**
     * The shape of every picture or clip; of a data set of latents, of those that they were made from.
     *
     * @throws ConfigException where pictures are of any size
     */
    public SampleShape requireOneShape() {
        SampleShape shape = manifest.shape();
        if (shape == null) {
            throw new ConfigException(
                    storage + " holds pictures of any size; prepare them with another prepare.transform than none");
        }
        return shape;
    }

    /** Rows of each row group, through all shards; a fresh array. */
    public int[] rowGroupRows() {
        return manifest.shards().stream()
                .flatMap(shard -> shard.rowGroups().stream())
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /**
     * Opens a shard of this data set for reading; the caller closes it.
     *
     * @throws CorruptDataException where it differs from the manifest in length, row groups or encoder
     */
    public ShardReader open(ShardInfo shard) throws IOException {
        ShardReader reader = ShardReader.open(storage, shard);
        String encoder = manifest.encoderHash();
        if (encoder != null && !encoder.equals(reader.encoderHash())) { // by a job that had lost its lease
            reader.close();
            throw new CorruptDataException(
                    "latents %s are of encoder %s, their manifest says %s; run ExtractLatents again"
                            .formatted(storage.path(shard.name()), reader.encoderHash(), encoder));
        }
        return reader;
    }

    /**
     * Decodes a sample of one of the shards, the frames of a clip below each other.
     *
     * @throws CorruptDataException naming both, where its bytes are damaged or of another shape
     */
    public Rgb decode(ShardInfo shard, ImageSample sample) throws IOException {
        try {
            return manifest.decode(sample.image());
        } catch (IOException e) {
            throw new CorruptDataException(
                    "picture %s of shard %s cannot be decoded: %s; prepare the shard again"
                            .formatted(sample.id(), storage.path(shard.name()), e.getMessage()),
                    e);
        }
    }

    /** The location of row group {@code group}. */
    Location location(int group) {
        return groups.get(group);
    }

    /**
     * Checks that another data set's latents belong to these pictures, row by row.
     *
     * @throws ConfigException naming both and the difference, where they do not
     */
    public void requireAligned(Dataset latents) {
        String difference = latents.manifest.misalignment(manifest);
        Check.setting(
                difference.isEmpty(),
                "latents %s do not belong to images %s: %s; extract them again from these images",
                latents.storage,
                storage,
                difference);
    }

    /**
     * Reads a whole shard and compares its length and digest with the manifest.
     *
     * @throws CorruptDataException naming the shard, where they differ
     */
    public void verify(ShardInfo shard) throws IOException {
        Hashes.Content content = Hashes.content(storage, shard.name());
        if (content.bytes() != shard.bytes() || !content.sha256().equals(shard.sha256())) {
            String path = storage.path(shard.name()).toString();
            throw new CorruptDataException(
                    "shard %s has %d bytes and SHA-256 %s, its manifest says %d and %s; copy or prepare it again"
                            .formatted(path, content.bytes(), content.sha256(), shard.bytes(), shard.sha256()));
        }
    }
}
