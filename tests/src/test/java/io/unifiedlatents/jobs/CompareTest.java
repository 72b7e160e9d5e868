package io.unifiedlatents.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.unifiedlatents.core.report.EvaluationCard;
import io.unifiedlatents.core.report.EvaluationReport;
import io.unifiedlatents.core.report.Figure;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job as a process of its own, for its exit codes. */
class CompareTest {
    @TempDir
    private Path directory;

    /** What a process wrote, and how it ended. */
    private record Outcome(int code, String out) {}

    private Outcome compare(String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--add-")) // what Spark needs of the JDK
                .forEach(command::add);
        command.addAll(List.of(
                "-Xmx1g",
                "-Dfile.encoding=UTF-8",
                "-Dsun.stdout.encoding=UTF-8",
                "-Dspark.master=local[1]",
                "-Dspark.ui.enabled=false",
                "-Dspark.driver.host=127.0.0.1",
                "-Dspark.driver.bindAddress=127.0.0.1",
                "-cp",
                System.getProperty("java.class.path"),
                Compare.class.getName()));
        command.addAll(List.of(arguments));
        Path out = directory.resolve("out");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        int code = process.waitFor();
        return new Outcome(code, new String(Files.readAllBytes(out), StandardCharsets.UTF_8));
    }

    private String write(String run, double psnr, int samplerSteps) throws IOException {
        Path folder = Files.createDirectories(directory.resolve(run).resolve("evaluation/x"));
        EvaluationReport report = new EvaluationReport(
                "x",
                List.of(
                        Figure.of("psnr", psnr).withStandardError(0.1).in("dB").higherIsBetter(),
                        Figure.of("bitsPerPixel", psnr / 20)),
                List.of(),
                new EvaluationCard(Map.of("run", run), Map.of("samplerSteps", samplerSteps, "seed", samplerSteps + 1)));
        Files.writeString(folder.resolve(EvaluationReport.FILE), report.toJson());
        return folder.toString();
    }

    @Test
    void reportsMeasuredAlikeAreShownSideBySide() throws Exception {
        Path page = directory.resolve("pages/out.html");
        Outcome outcome =
                compare("--reports", write("a", 20, 16), "--reports", write("b", 25, 16), "--html", page.toString());
        assertThat(outcome.code()).as(outcome.out()).isZero();
        assertThat(outcome.out())
                .containsPattern("psnr, dB +↑ +20\\.00 ± 0\\.10 +25\\.00 ± 0\\.10 \\*")
                .containsPattern("judged +a +b")
                .doesNotContain("NOT MEASURED ALIKE");
        assertThat(Files.readString(page)).contains("<svg ", "2 reports compared");
    }

    @Test
    void reportsMeasuredDifferentlyAreRefusedUnlessAskedFor() throws Exception {
        String a = write("a", 20, 16);
        String b = write("b", 25, 32);
        Outcome refused = compare("--reports", a, b);
        assertThat(refused.code()).as(refused.out()).isEqualTo(2);
        assertThat(refused.out())
                .contains("samplerSteps: 16 (a), 32 (b)", "seed: 17 (a), 33 (b)", "--unlike")
                .doesNotContain("20.00 ± 0.10");

        Outcome shown = compare("--reports", a, b, "--unlike");
        assertThat(shown.code()).as(shown.out()).isZero();
        assertThat(shown.out())
                .contains("NOT MEASURED ALIKE", "samplerSteps: 16 (a), 32 (b)", "20.00 ± 0.10")
                .doesNotContain("*");
    }
}
