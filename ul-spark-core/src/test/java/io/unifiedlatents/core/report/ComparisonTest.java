package io.unifiedlatents.core.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.storage.CorruptDataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
    private static final Configuration HADOOP = new Configuration();

    @TempDir
    private Path directory;

    private static EvaluationReport report(String name, long step, long samplerSteps, Figure... figures) {
        return new EvaluationReport(
                name,
                List.of(figures),
                List.of("few pictures"),
                new EvaluationCard(Map.of("step", step), Map.of("samplerSteps", samplerSteps)));
    }

    private static Comparison comparison(EvaluationReport... reports) {
        return new Comparison(java.util.Arrays.stream(reports)
                .map(report -> new Comparison.Entry(report.name(), report))
                .toList());
    }

    private static Figure psnr(double value, double error) {
        return Figure.of("psnr", value).withStandardError(error).in("dB").higherIsBetter();
    }

    private String write(String file, EvaluationReport report) throws IOException {
        Path path = directory.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, report.toJson());
        return path.toString();
    }

    @Test
    void figuresAreRowsAndReportsColumns() {
        Figure bits =
                Figure.of("bitsPerPixel", 0.3121).withStandardError(0.0021).lowerIsBetter();
        Comparison comparison = comparison(
                report("low", 100, 16, psnr(20.34, 0.131), bits, Figure.of("images", 10_000)),
                report(
                        "high",
                        200,
                        16,
                        psnr(25.41, 0.12),
                        Figure.of("FID", 12.3456).withInterval95(11.2, 13.4).lowerIsBetter()));
        assertThat(comparison.table()).isEqualTo("""
                                 low              high
                psnr, dB      ↑  20.34 ± 0.13     25.41 ± 0.12 *
                bitsPerPixel  ↓  0.3121 ± 0.0021  –
                images           10,000           –
                FID           ↓  –                12.3 [11.2, 13.4]
                * best: its 95% interval overlaps no other's (intervals as measured, or 1.96 standard errors to each side);\
                 without a mark, the figures do not tell which is better

                warnings
                  all: few pictures

                judged  low  high
                step    100  200""");
    }

    @Test
    void aReportAloneIsShownWithoutAWinner() {
        assertThat(comparison(report("only", 100, 16, psnr(20.34, 0.131))).table())
                .isEqualTo("""
                             only
                psnr, dB  ↑  20.34 ± 0.13

                warnings
                  all: few pictures""");
    }

    @Test
    void aBestIsNamedOnlyWhereTheErrorsTell() {
        // 1.96 · 0.5 to each side: 19.02 to 20.98; the other from 21.02 or from 20.92
        assertThat(best(psnr(20, 0.5), psnr(22, 0.5))).isEqualTo(1);
        assertThat(best(psnr(22, 0.5), psnr(20, 0.5))).isZero();
        assertThat(best(psnr(20, 0.5), psnr(21.9, 0.5))).isEqualTo(-1);
        assertThat(best(psnr(20, 0.1), psnr(22, 0.1), psnr(22.3, 0.1))).isEqualTo(-1); // of three, it has to beat both
        assertThat(best(psnr(20, 0.1), psnr(22, 0.1), psnr(23, 0.1))).isEqualTo(2);
        assertThat(best(psnr(20, 0.1).lowerIsBetter(), psnr(22, 0.1).lowerIsBetter()))
                .isZero();

        assertThat(best(psnr(20, 0.1), Figure.of("psnr", 30).higherIsBetter())).isEqualTo(-1); // no error
        assertThat(best(psnr(20, 0.1), psnr(Double.POSITIVE_INFINITY, Double.NaN)))
                .isEqualTo(-1);
        assertThat(best(
                        Figure.of("psnr", 1).withStandardError(0),
                        Figure.of("psnr", 2).withStandardError(0)))
                .isEqualTo(-1); // no direction
        assertThat(best(psnr(20, 9).withInterval95(19, 20.5), psnr(22, 9).withInterval95(21, 23)))
                .isEqualTo(1); // an interval as measured goes before the error
    }

    private static int best(Figure... figures) {
        EvaluationReport[] reports = new EvaluationReport[figures.length];
        for (int i = 0; i < figures.length; i++) {
            reports[i] = report("r" + i, i, 16, figures[i]);
        }
        return ComparedFigure.of(comparison(reports)).get(0).best();
    }

    @Test
    void whatWasNotMeasuredAlikeIsRefusedWithEveryDifference() {
        EvaluationReport other = new EvaluationReport(
                "b", List.of(), List.of(), new EvaluationCard(Map.of(), Map.of("samplerSteps", 32, "frames", 16)));
        Comparison comparison = comparison(report("a", 1, 16, psnr(20, 1)), other);
        assertThatThrownBy(comparison::requireAlike)
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("  samplerSteps: 16 (a), 32 (b)\n")
                .hasMessageContaining("  frames: – (a), 16 (b)\n")
                .hasMessageContaining("--unlike");
        assertThat(comparison.table())
                .startsWith("NOT MEASURED ALIKE, the figures do not compare:\n  samplerSteps: 16 (a), 32 (b)\n")
                .contains("\n  a: few pictures");
        comparison(report("a", 1, 16), report("b", 2, 16)).requireAlike();

        Comparison marked = comparison(report("a", 1, 16, psnr(20, 1)), report("b", 1, 32, psnr(30, 1)));
        assertThat(marked.table()).contains("30.0 ± 1.0").doesNotContain("*"); // none is the best of the unlike
    }

    /** Version 0.1 wrote the side of squares, 0 for any size, in place of the shape. */
    @Test
    void reportsOfVersion01AreOfSquares() throws IOException {
        EvaluationCard square = new EvaluationCard(Map.of(), Map.of("resolution", 16));
        EvaluationCard any = new EvaluationCard(Map.of(), Map.of("resolution", 0));
        EvaluationCard now = new EvaluationCard(
                Map.of(), Map.of(EvaluationCard.SHAPE, EvaluationCard.shapeOf(SampleShape.picture(16, 16))));
        EvaluationCard clips = new EvaluationCard(
                Map.of(), Map.of(EvaluationCard.SHAPE, EvaluationCard.shapeOf(new SampleShape(4, 16, 16, 3))));
        Comparison alike = read(square, now, clips);
        assertThat(alike.measuredDifferently()).isEmpty();
        assertThat(alike.cards(EvaluationCard::measured)).containsOnly(Map.of("shape", "16×16×3"));
        assertThat(read(square, any).measuredDifferently())
                .containsExactly(new Difference("shape", List.of("16×16×3", "any size")));
    }

    private Comparison read(EvaluationCard... cards) throws IOException {
        List<String> files = new ArrayList<>();
        for (EvaluationCard card : cards) {
            String name = "r" + files.size();
            files.add(write(name + ".json", new EvaluationReport(name, List.of(), List.of(), card)));
        }
        return Comparison.read(files, HADOOP);
    }

    @Test
    void reportsAreFilesOrTheirDirectories() throws IOException {
        String file = write("a/evaluation/x/report.json", report("x", 1, 16));
        write("b/evaluation/x/report.json", report("x", 2, 16));
        write("c/kept.json", report("y", 3, 16));

        List<String> sameNames = List.of(
                file, directory.resolve("b/evaluation/x/report.json").toUri().toString());
        assertThat(Comparison.read(sameNames, HADOOP).entries())
                .extracting(entry -> entry.report().card().judged().get("step"))
                .containsExactly(1L, 2L);
        List<String> mixed = List.of(directory + "/a/evaluation/x", directory + "/c/kept.json");
        assertThat(Comparison.read(mixed, HADOOP).entries())
                .extracting(Comparison.Entry::label)
                .containsExactly("x", "y");
        assertThat(Comparison.read(List.of(directory + "/a/evaluation/x", directory + "/b/evaluation/x/"), HADOOP)
                        .entries())
                .extracting(Comparison.Entry::label)
                .containsExactly("a", "b");
    }

    @Test
    void labelsAreWhatPathsDoNotShare() {
        assertThat(Comparison.distinct(List.of("runs/a/evaluation/x", "runs/b/evaluation/x")))
                .containsExactly("a", "b");
        assertThat(Comparison.distinct(List.of("runs/a/x", "runs/b/y"))).containsExactly("a/x", "b/y");
        assertThat(Comparison.distinct(List.of("runs/x", "runs/b/x"))).containsExactly("x", "b/x");
        assertThat(Comparison.distinct(List.of("s3a://k/a/r.json", "s3a://k/b/r.json")))
                .containsExactly("a", "b");
    }

    @Test
    void otherPathsAreRefused() throws IOException {
        String one = write("a/report.json", report("x", 1, 16));
        String empty = Files.createDirectories(directory.resolve("empty")).toString();
        String notes = directory.resolve("notes.txt").toString();
        Files.writeString(Path.of(notes), "no report");

        assertThatThrownBy(() -> Comparison.read(List.of(one), HADOOP))
                .isInstanceOf(ConfigException.class)
                .hasMessage("--reports names 1 report; a comparison needs two or more");
        assertThatThrownBy(() -> Comparison.read(List.of(one, one), HADOOP))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("twice");
        for (String missing : List.of(empty, directory + "/none")) {
            assertThatThrownBy(() -> Comparison.read(List.of(one, missing), HADOOP))
                    .isInstanceOf(ConfigException.class)
                    .hasMessage("--reports " + missing
                            + " is neither a report nor a directory with a report.json; name what Evaluate wrote");
        }
        assertThatThrownBy(() -> Comparison.read(List.of(one, notes), HADOOP))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("notes.txt cannot be read as a report");
    }
}
