package io.unifiedlatents.dataprep;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.PrepareConfig;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.dataprep.picture.PictureTransform;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory tree of pictures to the data sets {@code train/} and {@code validation/}, with one row per input in
 * {@code status/}. The class of a picture is its folder.
 *
 * <p>Split and order of the rows follow from seed and ids alone. Since a shard can only be filled once it is known
 * which pictures can be decoded, there are two passes: the first decodes each input, the second has one task per shard
 * that decodes its inputs again and writes them. That decodes twice, and in return moves no pixels between machines,
 * keeps nothing on intermediate disks, and makes the bytes of a shard independent of how the work was spread.
 */
public final class PrepareImages {
    private static final Logger LOG = LoggerFactory.getLogger(PrepareImages.class);
    private static final String TRAIN = "train";
    private static final String VALIDATION = "validation";
    private static final String STATUS = "status";
    private static final int NAMED_SKIPS = 5;
    private static final int TASKS_PER_CORE = 8;

    private final SparkSession spark;
    private final JavaSparkContext context;
    private final PrepareConfig config;
    private final Configuration hadoop;
    private final Storage output;
    private final String source;
    private final String configHash;

    private PrepareImages(SparkSession spark, PrepareConfig config) throws IOException {
        this.spark = spark;
        this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        this.config = config;
        this.hadoop = spark.sparkContext().hadoopConfiguration();
        this.output = Storage.at(config.output(), hadoop);
        this.source = Storage.at(config.source(), hadoop).toString();
        this.configHash = configHash(config);
    }

    /**
     * Prepares the data sets, or finds that they have been prepared with the same settings and does nothing. Manifests
     * are published after all shards, the report {@code _prepare.json} after the manifests. Where this fails before
     * that, running it again starts over.
     *
     * @throws ConfigException where the source has no picture, too many inputs are bad, a split stays empty, or the
     *     output holds data sets of other settings or another source
     * @throws IOException where storage fails
     */
    public static PrepareReport run(SparkSession spark, PrepareConfig config) throws IOException {
        return new PrepareImages(spark, config).run();
    }

    /** Hash of the settings that decide the content; not of where it is read and written. */
    static String configHash(PrepareConfig config) {
        return Hashes.sha256(String.join(
                "\n",
                PictureTransform.named("centre-crop", config.resolution(), 0).id(),
                "formatVersion=" + DatasetManifest.FORMAT_VERSION,
                "resolution=" + config.resolution(),
                "encoding=" + config.encoding(),
                "rowGroupRows=" + config.rowGroupRows(),
                "rowsPerShard=" + config.rowsPerShard(),
                "holdoutFraction=" + config.holdoutFraction(),
                "seed=" + config.seed()));
    }

    private PrepareReport run() throws IOException {
        if (output.exists(PrepareReport.NAME)) {
            return requireSame();
        }
        requireSameManifest(TRAIN);
        requireSameManifest(VALIDATION);
        List<Input> inputs = list();
        LOG.info("{}: {} files; decoding each", source, inputs.size());
        List<Status> statuses = inspect(inputs);
        List<Input> kept = new ArrayList<>();
        for (Status status : statuses) {
            if (status.kept()) {
                kept.add(status.input());
            }
        }
        List<String> classes = classes(kept);
        List<ShardPlan> plans = plan(kept, classes);
        StatusTable.write(spark, output.path(STATUS).toString(), statuses, places(plans));
        requireUsable(statuses, plans);
        LOG.info("writing {} pictures of {} classes to {} shards", kept.size(), classes.size(), plans.size());
        removeUnpublished(TRAIN);
        removeUnpublished(VALIDATION);
        List<ShardInfo> shards = write(plans);
        PrepareReport report = publish(statuses, classes, plans, shards);
        LOG.info("{}", report.summary());
        return report;
    }

    private PrepareReport requireSame() throws IOException {
        String where = output.path(PrepareReport.NAME).toString();
        PrepareReport report = PrepareReport.fromJson(output.readText(PrepareReport.NAME), where);
        requireSameHash(report.configHash());
        Check.setting(
                report.source().equals(source),
                "prepare.output=%s was prepared from %s, not from prepare.source=%s; name another output directory",
                output,
                report.source(),
                source);
        PrepareReport done = report.asAlreadyDone();
        LOG.info("{}: {}", output, done.summary());
        return done;
    }

    private void requireSameManifest(String split) throws IOException {
        Storage directory = output.directory(split);
        if (directory.exists(DatasetManifest.NAME)) {
            requireSameHash(Dataset.open(directory).manifest().configHash());
        }
    }

    private void requireSameHash(String found) {
        Check.setting(
                found.equals(configHash),
                "prepare.output=%s was prepared with config hash %s, these settings have %s; name another output directory",
                output,
                found,
                configHash);
    }

    /** All files below the source directory, sorted by path. */
    private List<Input> list() throws IOException {
        Path root = new Path(source);
        FileSystem files = root.getFileSystem(hadoop);
        Check.setting(files.exists(root), "prepare.source=%s does not exist; name the directory of pictures", source);
        URI base = URI.create(root.toUri() + "/");
        List<Input> inputs = new ArrayList<>();
        Deque<Path> directories = new ArrayDeque<>(List.of(root));
        while (!directories.isEmpty()) {
            // not listFiles: on a local disk that starts one process a file, to learn its permissions
            for (FileStatus status : files.listStatus(directories.pop())) {
                if (status.isDirectory()) {
                    directories.push(status.getPath());
                } else {
                    String path = base.relativize(status.getPath().toUri()).getPath();
                    inputs.add(new Input(path, Hashes.sampleId(path, 0), status.getLen()));
                }
            }
        }
        Check.setting(!inputs.isEmpty(), "prepare.source=%s has no files; name the directory of pictures", source);
        inputs.sort(Comparator.comparing(Input::path));
        return inputs;
    }

    private List<Status> inspect(List<Input> inputs) {
        int tasks = Math.min(inputs.size(), TASKS_PER_CORE * context.defaultParallelism());
        InspectTask task = new InspectTask(source, new SerializableConfiguration(hadoop));
        List<Status> statuses = context.parallelize(inputs, tasks).map(task).collect();
        if (statuses.size() != inputs.size()) {
            throw new IllegalStateException(
                    statuses.size() + " status rows for " + inputs.size() + " inputs; report this");
        }
        return statuses;
    }

    private static List<String> classes(List<Input> kept) {
        TreeSet<String> names = new TreeSet<>();
        for (Input input : kept) {
            names.add(input.className());
        }
        return new ArrayList<>(names);
    }

    private List<ShardPlan> plan(List<Input> kept, List<String> classes) {
        Map<String, Integer> labels = new HashMap<>();
        for (String name : classes) {
            labels.put(name, labels.size());
        }
        long seed = config.seed();
        List<Input> shuffled = new ArrayList<>(kept);
        shuffled.sort(
                Comparator.<Input>comparingLong(input -> input.shuffleKey(seed)).thenComparing(Input::id));
        List<Input> train = new ArrayList<>();
        List<Input> validation = new ArrayList<>();
        for (Input input : shuffled) {
            (input.heldOut(seed, config.holdoutFraction()) ? validation : train).add(input);
        }
        List<ShardPlan> plans = new ArrayList<>();
        plan(TRAIN, train, labels, plans);
        plan(VALIDATION, validation, labels, plans);
        return plans;
    }

    private void plan(String split, List<Input> inputs, Map<String, Integer> labels, List<ShardPlan> plans) {
        int rows = config.rowsPerShard();
        for (int start = 0, index = 0; start < inputs.size(); start += rows, index++) {
            List<Input> members = inputs.subList(start, Math.min(start + rows, inputs.size()));
            List<Integer> memberLabels = new ArrayList<>(members.size());
            for (Input input : members) {
                memberLabels.add(labels.get(input.className()));
            }
            plans.add(new ShardPlan(split, index, members, memberLabels));
        }
    }

    private static Map<String, StatusTable.Place> places(List<ShardPlan> plans) {
        Map<String, StatusTable.Place> places = new HashMap<>();
        for (ShardPlan plan : plans) {
            StatusTable.Place place = new StatusTable.Place(plan.split(), plan.index());
            for (Input input : plan.inputs()) {
                places.put(input.id(), place);
            }
        }
        return places;
    }

    private void requireUsable(List<Status> statuses, List<ShardPlan> plans) {
        List<Status> skipped =
                statuses.stream().filter(status -> !status.kept()).toList();
        if (skipped.size() > config.maxBadFraction() * statuses.size()) {
            throw new ConfigException(
                    "%d of %d inputs cannot be used, more than prepare.maxBadFraction=%s allows; nothing was published. "
                                    .formatted(skipped.size(), statuses.size(), config.maxBadFraction())
                            + "First: " + named(skipped) + ". All of them are in " + output.path(STATUS)
                            + "; mend or remove them, or raise the fraction");
        }
        requireRows(plans, TRAIN, "lower it");
        if (config.holdoutFraction() > 0) {
            requireRows(plans, VALIDATION, "raise it, or set it to 0 for none");
        }
    }

    private void requireRows(List<ShardPlan> plans, String split, String wayOut) {
        Check.setting(
                plans.stream().anyMatch(plan -> plan.split().equals(split)),
                "prepare.holdoutFraction=%s leaves no picture for %s; %s",
                config.holdoutFraction(),
                split,
                wayOut);
    }

    private static String named(List<Status> skipped) {
        List<String> names = new ArrayList<>();
        for (Status status : skipped.subList(0, Math.min(NAMED_SKIPS, skipped.size()))) {
            names.add(status.input().path() + " (" + status.reason() + ")");
        }
        return String.join(", ", names);
    }

    /** Removes what an unfinished run may have left, so that a data set holds its own shards only. */
    private void removeUnpublished(String split) throws IOException {
        Storage directory = output.directory(split);
        directory.delete(DatasetManifest.NAME);
        for (String name : directory.list()) {
            if (name.matches("\\.?shard-\\d+\\.parquet(\\..*\\.tmp)?")) {
                directory.delete(name);
            }
        }
    }

    private List<ShardInfo> write(List<ShardPlan> plans) {
        WriteShardTask task = new WriteShardTask(
                source,
                output.toString(),
                config.resolution(),
                config.rowGroupRows(),
                configHash,
                new SerializableConfiguration(hadoop));
        return context.parallelize(plans, plans.size()).map(task).collect();
    }

    private PrepareReport publish(
            List<Status> statuses, List<String> classes, List<ShardPlan> plans, List<ShardInfo> shards)
            throws IOException {
        Map<String, DatasetManifest> manifests = new TreeMap<>();
        for (String split : List.of(TRAIN, VALIDATION)) {
            List<ShardInfo> own = new ArrayList<>();
            for (int i = 0; i < plans.size(); i++) {
                if (plans.get(i).split().equals(split)) {
                    own.add(shards.get(i));
                }
            }
            manifests.put(split, DatasetManifest.images(config.resolution(), classes, configHash, config.seed(), own));
        }
        PrepareReport report = report(statuses, classes, manifests);
        for (Map.Entry<String, DatasetManifest> manifest : manifests.entrySet()) {
            if (manifest.getValue().rows() > 0) {
                Dataset.publish(output.directory(manifest.getKey()), manifest.getValue());
            }
        }
        output.publish(PrepareReport.NAME, report.toJson());
        return report;
    }

    private PrepareReport report(List<Status> statuses, List<String> classes, Map<String, DatasetManifest> manifests) {
        Map<String, Long> reasons = new TreeMap<>();
        long kept = 0;
        for (Status status : statuses) {
            String reason = status.reason();
            if (reason == null) {
                kept++;
            } else {
                reasons.merge(reason.split(":", 2)[0], 1L, Long::sum);
            }
        }
        DatasetManifest train = Objects.requireNonNull(manifests.get(TRAIN));
        DatasetManifest validation = Objects.requireNonNull(manifests.get(VALIDATION));
        return new PrepareReport(
                source,
                configHash,
                statuses.size(),
                kept,
                statuses.size() - kept,
                reasons,
                classes.size(),
                train.rows(),
                train.datasetHash(),
                validation.rows(),
                validation.rows() > 0 ? validation.datasetHash() : "",
                false);
    }
}
