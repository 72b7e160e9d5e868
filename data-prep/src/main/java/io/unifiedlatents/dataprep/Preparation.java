package io.unifiedlatents.dataprep;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.PrepareConfig;
import io.unifiedlatents.core.config.SplitRule;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.Encoding;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.RowGroupLimit;
import io.unifiedlatents.core.data.ShardFooter;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.core.lease.Lease;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.spark.cluster.LeasedWork;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.dataprep.clip.KineticsTable;
import io.unifiedlatents.dataprep.source.AnnotationTable;
import io.unifiedlatents.dataprep.source.Annotations;
import io.unifiedlatents.dataprep.source.ClassTable;
import io.unifiedlatents.dataprep.source.Part;
import io.unifiedlatents.dataprep.source.Source;
import io.unifiedlatents.dataprep.source.UnusableInput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The preparation of the data sets {@code train/}, {@code validation/} and {@code test/} from a source, with one row
 * per input in {@code status/}.
 *
 * <p>Which rows a shard holds is decided when all usable inputs are known. So there are two passes: the first makes the
 * samples of each part of the source and writes them to {@code _work/}; the second assembles each shard from there.
 * Every input is decoded once, no task waits for another, each pass resumes where a failed run stopped, and the bytes
 * of a shard do not depend on how the work was spread. See docs/adr/0011.
 */
public final class Preparation {
    private static final Logger LOG = LoggerFactory.getLogger(Preparation.class);
    private static final String STATUS = "status";
    private static final String WORK = "_work";
    private static final int NAMED_SKIPS = 5;

    private final SparkSession spark;
    private final JavaSparkContext context;
    private final PrepareConfig config;
    private final SampleMaker maker;
    private final @Nullable Annotations annotations;
    private final Configuration hadoop;
    private final Storage output;
    private final String source;
    private final String configHash;

    private Preparation(SparkSession spark, PrepareConfig config, SampleMaker maker, @Nullable Annotations annotations)
            throws IOException {
        this.spark = spark;
        this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        this.config = config;
        this.maker = maker;
        this.annotations = annotations;
        this.hadoop = spark.sparkContext().hadoopConfiguration();
        this.output = Storage.at(config.output(), hadoop);
        this.source = Storage.at(config.source(), hadoop).toString();
        this.configHash = configHash();
    }

    /** Returns the preparation of data sets of pictures, of one shape or of any size. */
    public static Preparation images(SparkSession spark, PrepareConfig config) throws IOException {
        return new Preparation(spark, config, PictureMaker.of(config), annotations(spark, config));
    }

    /** Returns the preparation of data sets of clips. */
    public static Preparation videos(SparkSession spark, PrepareConfig config) throws IOException {
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        if (config.annotations().isEmpty() || !KineticsTable.is(config.annotations(), hadoop)) {
            return new Preparation(spark, config, ClipMaker.of(config, null), annotations(spark, config));
        }
        KineticsTable table = KineticsTable.read(config.annotations(), hadoop);
        ClipMaker maker = ClipMaker.of(
                config, JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(table));
        return new Preparation(spark, config, maker, new KineticsAnnotations(table));
    }

    /** Returns the table that the config names; null where it names none. */
    private static @Nullable Annotations annotations(SparkSession spark, PrepareConfig config) throws IOException {
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        return config.annotations().isEmpty() ? null : AnnotationTable.read(config.annotations(), hadoop);
    }

    /** Returns a hash of the settings that decide the content; paths do not count. */
    private String configHash() throws IOException {
        return Hashes.sha256(String.join(
                "\n",
                "formatVersion=" + ShardFooter.FORMAT_VERSION,
                "transform=" + maker.transform(),
                "encoding=" + config.encoding(),
                "background=" + config.backgroundRgb(),
                "maxMegapixels=" + config.maxMegapixels(),
                "annotations=" + digestOf(config.annotations()),
                "classes=" + digestOf(config.classes()),
                "split=" + config.split(),
                "holdoutFraction=" + config.holdoutFraction(),
                "deduplicate=" + config.deduplicate(),
                "rowGroupRows=" + config.rowGroupRows(),
                "rowGroupMegabytes=" + config.rowGroupMegabytes(),
                "rowsPerShard=" + config.rowsPerShard(),
                "seed=" + config.seed()));
    }

    private String digestOf(String file) throws IOException {
        return file.isEmpty() ? "" : Hashes.sha256(Storage.readFile(file, hadoop));
    }

    /**
     * Prepares the data sets, or finds that they have been prepared with the same settings and does nothing. Manifests
     * are published after all shards, the report after the manifests. Where this fails before that, running it again
     * does only what is missing.
     *
     * @param terms of the lease of the output
     * @throws ConfigException where the source is empty, too many inputs are bad, a split stays empty, or the output
     *     holds data sets of other settings or another source, or is being prepared by another job
     * @throws IOException where storage fails
     */
    public PrepareReport run(LeaseTerms terms) throws IOException, InterruptedException {
        return output.exists(PrepareReport.NAME) // it may lie on storage that cannot be written
                ? requireSame()
                : LeasedWork.run(context, output, terms, this::prepare);
    }

    private PrepareReport prepare(Lease lease) throws IOException {
        if (output.exists(PrepareReport.NAME)) { // by the job whose lease was waited for
            return requireSame();
        }
        for (Split split : Split.values()) {
            Storage directory = output.directory(split.directory());
            if (directory.exists(DatasetManifest.NAME)) {
                requireSameSettings(
                        directory.toString(), Dataset.open(directory).manifest().configHash());
            }
        }
        ClassTable classes = config.classes().isEmpty() ? null : ClassTable.read(config.classes(), hadoop);
        List<Part> parts = parts();
        Storage work = output.directory(WORK)
                .directory(Hashes.sha256(configHash + "\n" + source).substring(0, 16));

        LOG.info("{}: making samples in {} parts", source, parts.size());
        List<WorkPart> done = context.parallelize(parts, parts.size())
                .map(new MakeSamples(maker, work.toString(), config.secondsPerInput(), serializable()))
                .collect();
        Plan plan = new Plan(config, annotations, classes, done);
        lease.fence().check();
        StatusTable.write(spark, output.path(STATUS).toString(), plan.verdicts());
        requireUsable(plan);

        LOG.info(
                "writing {} shards of {} classes",
                plan.shards().size(),
                plan.classes().size());
        for (Split split : Split.values()) { // published by a run that died afterwards
            output.directory(split.directory()).delete(DatasetManifest.NAME);
        }
        removeUnplanned(plan); // shards of an earlier plan
        ShardFooter footer =
                new ShardFooter(maker.transform(), Encoding.named(config.encoding()), plan.classes(), configHash);
        List<ShardInfo> shards = context.parallelize(
                        plan.shards(), plan.shards().size())
                .map(new WriteShard(
                        output.toString(),
                        work.toString(),
                        rowGroups(),
                        footer,
                        maker.clips(),
                        lease.number(),
                        serializable()))
                .collect();
        lease.fence().check();
        removeUnplanned(plan); // temporary files of tasks that died
        PrepareReport report = publish(plan, footer, shards);
        output.delete(WORK);
        LOG.info("{}", report.summary());
        return report;
    }

    SampleMaker maker() {
        return maker;
    }

    /** Returns the parts of the source, for one task each. */
    List<Part> parts() throws IOException {
        return Source.open(source, config.format(), hadoop).parts();
    }

    private SerializableConfiguration serializable() {
        return new SerializableConfiguration(hadoop);
    }

    private RowGroupLimit rowGroups() {
        return new RowGroupLimit(config.rowGroupRows(), (long) config.rowGroupMegabytes() << 20);
    }

    private PrepareReport requireSame() throws IOException {
        String where = output.path(PrepareReport.NAME).toString();
        PrepareReport report = PrepareReport.fromJson(output.readText(PrepareReport.NAME), where);
        requireSameSettings(output.toString(), report.configHash());
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

    /** Refuses data sets that were prepared with other settings. */
    void requireSameSettings(String directory, String found) {
        Check.setting(
                found.equals(configHash),
                "%s was prepared with config hash %s, these settings have %s; give those it was prepared with, or name"
                        + " another output directory",
                directory,
                found,
                configHash);
    }

    private void requireUsable(Plan plan) {
        List<Plan.Verdict> skipped = plan.verdicts().stream()
                .filter(verdict -> verdict.outcome() == Plan.Outcome.SKIPPED)
                .toList();
        long found = plan.verdicts().stream()
                .filter(verdict -> verdict.outcome() != Plan.Outcome.MISSING)
                .count();
        if (skipped.size() > config.maxBadFraction() * found) {
            throw new ConfigException(
                    "%d of %d inputs cannot be used, more than prepare.maxBadFraction=%s allows; nothing was published. "
                                    .formatted(skipped.size(), found, config.maxBadFraction())
                            + "First: " + named(skipped) + ". All of them are in " + output.path(STATUS)
                            + "; mend or remove them, or raise the fraction");
        }
        Check.setting(
                !plan.shards().isEmpty(),
                "prepare.source=%s has no input that can be used; see %s",
                source,
                output.path(STATUS));
        if (config.split() == SplitRule.HASH) {
            requireRows(plan, Split.TRAIN, "lower it");
            if (config.holdoutFraction() > 0) {
                requireRows(plan, Split.VALIDATION, "raise it, or set it to 0 for none");
            }
        }
    }

    private void requireRows(Plan plan, Split split, String wayOut) {
        Check.setting(
                plan.shards().stream().anyMatch(shard -> shard.split() == split),
                "prepare.holdoutFraction=%s leaves no input for %s; %s",
                config.holdoutFraction(),
                split.directory(),
                wayOut);
    }

    private static String named(List<Plan.Verdict> skipped) {
        return skipped.stream()
                .limit(NAMED_SKIPS)
                .map(verdict -> verdict.status().path() + " (" + verdict.reason() + ")")
                .collect(Collectors.joining(", "));
    }

    /** Removes shards that are not in the plan, and temporary files. */
    private void removeUnplanned(Plan plan) throws IOException {
        for (Split split : Split.values()) {
            List<String> planned = plan.shards().stream()
                    .filter(shard -> shard.split() == split)
                    .map(Plan.Shard::name)
                    .toList();
            Storage directory = output.directory(split.directory());
            for (String name : directory.list()) {
                if (!planned.contains(name) && name.matches("\\.?shard-\\d+\\.parquet(\\..*\\.tmp)?")) {
                    directory.delete(name);
                }
            }
        }
    }

    private PrepareReport publish(Plan plan, ShardFooter footer, List<ShardInfo> shards) throws IOException {
        Map<Split, List<ShardInfo>> bySplit = new EnumMap<>(Split.class);
        for (int i = 0; i < shards.size(); i++) {
            Split split = plan.shards().get(i).split();
            bySplit.computeIfAbsent(split, key -> new ArrayList<>()).add(shards.get(i));
        }
        Map<String, PrepareReport.Published> published = new TreeMap<>();
        for (Map.Entry<Split, List<ShardInfo>> entry : bySplit.entrySet()) {
            DatasetManifest manifest = maker.manifest(footer, config.seed(), entry.getValue());
            String name = entry.getKey().directory();
            Dataset.publish(output.directory(name), manifest);
            published.put(name, new PrepareReport.Published(manifest.rows(), manifest.datasetHash()));
        }
        PrepareReport report = report(plan, published);
        output.publish(PrepareReport.NAME, report.toJson());
        return report;
    }

    private PrepareReport report(Plan plan, Map<String, PrepareReport.Published> published) {
        Map<Plan.Outcome, Long> outcomes = new EnumMap<>(Plan.Outcome.class);
        Map<String, Long> reasons = new TreeMap<>();
        for (Plan.Verdict verdict : plan.verdicts()) {
            outcomes.merge(verdict.outcome(), 1L, Long::sum);
            String reason = verdict.reason();
            if (verdict.outcome() == Plan.Outcome.SKIPPED && reason != null) {
                reasons.merge(UnusableInput.kind(reason), 1L, Long::sum);
            }
        }
        return new PrepareReport(
                source,
                configHash,
                plan.verdicts().size(),
                outcomes.getOrDefault(Plan.Outcome.KEPT, 0L),
                outcomes.getOrDefault(Plan.Outcome.SKIPPED, 0L),
                outcomes.getOrDefault(Plan.Outcome.DUPLICATE, 0L),
                outcomes.getOrDefault(Plan.Outcome.MISSING, 0L),
                reasons,
                plan.classes().size(),
                published,
                false);
    }
}
