package io.unifiedlatents.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.spark.doctor.Finding;
import io.unifiedlatents.core.spark.doctor.Preflight;
import io.unifiedlatents.core.spark.doctor.PreflightReport;
import io.unifiedlatents.dataprep.Preparation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The checks before a run, on two slots and real shards, sound and then damaged one by one. */
class PreflightTest {
    @TempDir
    private static Path directory;

    private static SparkSession session;

    @BeforeAll
    static void prepare() throws Exception {
        session = LocalSpark.session("local[2]", "preflight").getOrCreate();
        Preparation.images(session, config().prepare()).run(LeaseTerms.DEFAULT);
    }

    @AfterAll
    static void stop() {
        session.stop();
    }

    private static RunConfig config(String... overrides) {
        return TinyRun.config(directory, "run", overrides);
    }

    private static PreflightReport check(RunConfig config) throws InterruptedException {
        return Preflight.check(JavaSparkContext.fromSparkContext(session.sparkContext()), config);
    }

    private static Finding row(PreflightReport report, String check) {
        return report.findings().stream()
                .filter(finding -> finding.check().equals(check))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aSoundSetUpPassesAndIsWrittenDown() throws Exception {
        PreflightReport report = check(config());
        assertThat(report.sound()).as(report.table()).isTrue();
        assertThat(report.findings()).hasSize(12);
        assertThat(row(report, "ring").found()).startsWith("2 ranks added up");
        assertThat(row(report, "libtorch").found()).contains("libtorch 2.");
        assertThat(Files.readString(directory.resolve("run/doctor.json"))).contains("\"check\" : \"shared store\"");
        try (Stream<Path> left = Files.list(directory.resolve("run"))) {
            assertThat(left).hasSize(1); // what the checks wrote is gone
        }
    }

    @Test
    void eachFaultFailsItsOwnRowAndNoOther() throws Exception {
        PreflightReport slots = check(config("cluster.ranks=3", "cluster.waitForSlotsSeconds=1"));
        assertThat(row(slots, "slots").status()).isEqualTo(Finding.Status.FAIL);
        assertThat(row(slots, "slots").found()).isEqualTo("2 slots, cluster.ranks=3");
        assertThat(failures(slots)).containsExactly("slots");

        PreflightReport cores = check(config("cluster.coresPerRank=2"));
        assertThat(failures(cores)).contains("slots");
        assertThat(row(cores, "slots").found())
                .startsWith("cluster.coresPerRank is 2, but with master local[2] tasks are threads of one process");

        PreflightReport disk = check(config("trainDecoder.run.keepEvery=1", "trainDecoder.run.steps=1000000000"));
        assertThat(failures(disk)).containsExactly("disk");
        assertThat(row(disk, "disk").found()).contains("decoder: 1,000,000,004 checkpoints of ");

        Path file = Files.createFile(directory.resolve("file"));
        PreflightReport store = check(config("runDirectory=" + file + "/run"));
        assertThat(failures(store)).contains("run directory").isSubsetOf("run directory", "shared store", "disk");

        Path shard = firstShard();
        byte[] content = Files.readAllBytes(shard);
        Files.delete(shard);
        try {
            PreflightReport data = check(config());
            assertThat(failures(data)).containsExactly("data.train");
            assertThat(row(data, "data.train").found())
                    .contains(shard.getFileName().toString())
                    .contains("is missing");
        } finally {
            Files.write(shard, content);
        }
    }

    @Test
    void settingsThatBarrierStagesCannotBearFail() {
        SparkConf conf = new SparkConf(false)
                .set("spark.dynamicAllocation.enabled", "true")
                .set("spark.speculation", "false")
                .set("spark.task.reaper.enabled", "true");
        assertThat(Preflight.settings(conf))
                .extracting(Finding::status)
                .containsExactly(Finding.Status.FAIL, Finding.Status.PASS, Finding.Status.PASS);
        assertThat(Preflight.settings(conf).get(0).advice()).startsWith("--conf spark.dynamicAllocation.enabled=false");
    }

    private static List<String> failures(PreflightReport report) {
        return report.findings().stream()
                .filter(finding -> finding.status() == Finding.Status.FAIL)
                .map(Finding::check)
                .toList();
    }

    private static Path firstShard() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("data/train"))) {
            return files.filter(file -> file.toString().endsWith(".parquet"))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
    }
}
