package io.unifiedlatents.dataprep;

import static org.assertj.core.api.Assertions.assertThat;

import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.PrepareConfig;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.dataprep.source.Annotation;
import io.unifiedlatents.dataprep.source.AnnotationTable;
import io.unifiedlatents.dataprep.source.ClassTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanTest {
    @TempDir
    Path directory;

    private static PrepareConfig config(String... overrides) {
        return ConfigLoader.load("", "", List.of(overrides)).prepare();
    }

    /** An input of one sample, whose content is named by {@code content}. */
    private static Status input(String path, String className, String content) {
        StoredSample sample = new StoredSample(0, 0, 1, "pixels of " + content, 8, 8, null);
        Annotation annotation = new Annotation(className, null, null);
        return new Status(path, annotation, 1, "bytes of " + content, null, 8, 8, 0, List.of(sample));
    }

    private static List<WorkPart> parts(Status... inputs) {
        return List.of(new WorkPart("part.data", List.of(inputs)));
    }

    private static Map<String, String> outcomes(Plan plan) {
        Map<String, String> outcomes = new TreeMap<>();
        for (Plan.Verdict verdict : plan.verdicts()) {
            String reason = verdict.reason() == null ? "" : " " + verdict.reason();
            String split = verdict.split() == null ? "" : " " + verdict.split().directory();
            outcomes.put(verdict.status().path(), verdict.outcome() + split + reason);
        }
        return outcomes;
    }

    @Test
    void aFolderNamesTheSplitAndTheRestTheClass() {
        Plan plan = new Plan(
                config("prepare.split=folder"),
                null,
                null,
                parts(
                        input("train/cat/1.png", "train/cat", "1"),
                        input("val2017/cat/2.png", "val2017/cat", "2"),
                        input("test/3.png", "test", "3"),
                        input("other/cat/4.png", "other/cat", "4"),
                        input("validation-00000-of-00002.parquet#17", "dog", "5"),
                        input("ILSVRC2012_img_val.tar/train.png", ".", "6")));

        assertThat(outcomes(plan))
                .containsEntry("train/cat/1.png", "KEPT train")
                .containsEntry("val2017/cat/2.png", "KEPT validation")
                .containsEntry("test/3.png", "KEPT test")
                .containsEntry("other/cat/4.png", "SKIPPED no split: no folder on its path is named train, val or test")
                .containsEntry("validation-00000-of-00002.parquet#17", "KEPT validation")
                .containsEntry("ILSVRC2012_img_val.tar/train.png", "KEPT validation");
        assertThat(plan.classes()).containsExactly(".", "cat", "dog");
    }

    @Test
    void whatIsHeldOutIsLeftOutOfTraining() {
        Status[] inputs = {
            input("train/a.png", "x", "1"),
            input("train/b.png", "x", "1"),
            input("train/c.png", "x", "2"),
            input("val/d.png", "x", "2"),
            input("val/e.png", "x", "3"),
            input("test/f.png", "x", "3")
        };
        assertThat(outcomes(new Plan(config("prepare.split=folder"), null, null, parts(inputs))))
                .containsEntry("train/a.png", "KEPT train")
                .containsEntry("train/b.png", "KEPT train")
                .containsEntry("train/c.png", "DUPLICATE duplicate: of val/d.png in validation")
                .containsEntry("val/d.png", "KEPT validation")
                .containsEntry("val/e.png", "KEPT validation")
                .containsEntry("test/f.png", "KEPT test");
        assertThat(outcomes(
                        new Plan(config("prepare.split=folder", "prepare.deduplicate=all"), null, null, parts(inputs))))
                .containsEntry("train/a.png", "KEPT train")
                .containsEntry("train/b.png", "DUPLICATE duplicate: of train/a.png in train")
                .containsEntry("train/c.png", "DUPLICATE duplicate: of val/d.png in validation")
                .containsEntry("val/d.png", "KEPT validation")
                .containsEntry("val/e.png", "DUPLICATE duplicate: of test/f.png in test")
                .containsEntry("test/f.png", "KEPT test");
        assertThat(outcomes(new Plan(
                                config("prepare.split=folder", "prepare.deduplicate=none"), null, null, parts(inputs)))
                        .values())
                .allMatch(outcome -> outcome.startsWith("KEPT"));
    }

    @Test
    void everyInputHasOneOutcomeAlsoUnderTheNameOfAnother() {
        Status bad = Status.unusable("a.tar/x.png", Annotation.NONE, 3, "", "damaged picture: cut", 1);
        Plan plan = new Plan(
                config("prepare.holdoutFraction=0"),
                null,
                null,
                parts(input("a.tar/x.png", "x", "1"), input("a.tar/x.png", "x", "2"), bad));

        assertThat(plan.verdicts())
                .extracting(Plan.Verdict::outcome)
                .containsExactlyInAnyOrder(Plan.Outcome.KEPT, Plan.Outcome.SKIPPED, Plan.Outcome.SKIPPED);
        assertThat(plan.verdicts())
                .extracting(Plan.Verdict::reason)
                .containsExactlyInAnyOrder(null, "same name: as an input before it", "damaged picture: cut");
        assertThat(plan.shards())
                .singleElement()
                .satisfies(shard -> assertThat(shard.rows()).hasSize(1));
    }

    @Test
    void annotationsDecideAndMissingOnesAreCounted() throws IOException {
        Path csv = Files.writeString(directory.resolve("rows.csv"), """
                path,label,caption,split
                1.png,n00000002,"a ""big"" cat",train
                2.png,n00000001,,val
                3.png,n00000009,,train
                4.png,n00000001,,extra
                5.png,n00000001,,train
                """);
        Path synsets = Files.writeString(
                directory.resolve("synsets.txt"), "n00000001 fish\nn00000002 cat, tabby\nn00000003 dog\n");
        Configuration hadoop = new Configuration();
        Plan plan = new Plan(
                config("prepare.split=annotations"),
                AnnotationTable.read(csv.toString(), hadoop),
                ClassTable.read(synsets.toString(), hadoop),
                parts(
                        input("1.png", ".", "1"),
                        input("2.png", ".", "2"),
                        input("3.png", ".", "3"),
                        input("4.png", ".", "4"),
                        input("6.png", ".", "6")));

        assertThat(outcomes(plan))
                .containsEntry("1.png", "KEPT train")
                .containsEntry("2.png", "KEPT validation")
                .containsEntry("3.png", "SKIPPED unknown class: prepare.classes has no n00000009")
                .containsEntry("4.png", "SKIPPED no split: it is annotated extra, which is none of train, val, test")
                .containsEntry("5.png", "MISSING missing: the source does not have it")
                .containsEntry("6.png", "SKIPPED not annotated: prepare.annotations has no row for it");
        assertThat(plan.classes()).containsExactly("n00000001", "n00000002", "n00000003");
        assertThat(plan.shards().get(0).rows()).singleElement().satisfies(row -> {
            assertThat(row.label()).isEqualTo(1);
            assertThat(row.caption()).isEqualTo("a \"big\" cat");
        });
    }

    @Test
    void theOrderOfPartsAndInputsDecidesNothing() {
        List<Status> inputs = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            inputs.add(input(i % 7 + "/" + i + ".png", String.valueOf(i % 7), String.valueOf(i % 150)));
        }
        PrepareConfig config = config("prepare.deduplicate=all", "prepare.rowsPerShard=32", "prepare.rowGroupRows=8");
        Plan plan = new Plan(config, null, null, parts(inputs.toArray(Status[]::new)));
        Collections.shuffle(inputs, new Random(5));
        List<WorkPart> other = List.of(
                new WorkPart("part.data", inputs.subList(0, 90)), new WorkPart("part.data", inputs.subList(90, 200)));

        assertThat(new Plan(config, null, null, other).shards()).isEqualTo(plan.shards());
        assertThat(outcomes(new Plan(config, null, null, other))).isEqualTo(outcomes(plan));
        assertThat(plan.shards().get(0).name()).isEqualTo("shard-000000.parquet");
        StringBuilder rows = new StringBuilder();
        plan.shards()
                .get(0)
                .rows()
                .forEach(row -> rows.append(row.id())
                        .append(' ')
                        .append(row.stored().sha256())
                        .append('\n'));
        assertThat(plan.shards().get(0).rowsHash()).isEqualTo(Hashes.sha256(rows.toString()));
    }
}
