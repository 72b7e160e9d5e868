package io.unifiedlatents.core.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.config.SampleShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReportPageTest {
    private static EvaluationReport report(String name, long steps, Figure... figures) {
        return new EvaluationReport(
                name,
                List.of(figures),
                List.of("<warning>"),
                new EvaluationCard(Map.of("run", "<run>"), Map.of("steps", steps)));
    }

    private static Comparison comparison(EvaluationReport... reports) {
        List<Comparison.Entry> entries = new ArrayList<>();
        for (EvaluationReport report : reports) {
            entries.add(new Comparison.Entry(report.name(), report));
        }
        return new Comparison(entries);
    }

    private static long count(String page, String pattern) {
        return Pattern.compile(pattern).matcher(page).results().count();
    }

    private static List<Shown> shown(int count, int bytes, boolean pairs) {
        List<Shown> shown = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            shown.add(new Shown(
                    "\"><script>" + i, pairs ? new byte[bytes] : null, new byte[bytes], pairs ? 30 : Double.NaN));
        }
        return shown;
    }

    @Test
    void textsAreNoMarkupAndNothingIsFetched() {
        Figure figure = Figure.of("<psnr>", Double.POSITIVE_INFINITY).in("<dB>").withNote("<note>");
        String page = ReportPage.of(
                report("<name>", 16, figure),
                List.of(new PictureSection("<title>", SampleShape.picture(2, 2), shown(2, 12, true))));
        for (String text : List.of("name", "psnr", "dB", "note", "warning", "run")) {
            assertThat(page).contains("&lt;" + text + "&gt;");
        }
        assertThat(page)
                .contains("<b>∞</b>", "Content-Security-Policy", "<h2>&lt;title&gt;</h2>")
                .doesNotContain("<psnr>", "<dB>", "<note>", "<warning>", "<run>", "<script", "http:", "https:", "url(");
        assertThat(
                        count(
                                page,
                                "<img src=\"data:image/png;base64,[^\"]+\" width=\"128\" height=\"128\" alt=\"[^\"]*\" class=\"enlarged\">"))
                .isEqualTo(4);

        String several = ReportPage.of(comparison(report("<a>", 16, figure), report("<b>", 32, figure)));
        assertThat(several)
                .contains("&lt;a&gt;", "all: &lt;warning&gt;", "Not measured alike")
                .doesNotContain("<a>", "<b>&");
    }

    @Test
    void aPageHoldsSoManyPixels() {
        int bytes = 3 * 512 * 512;
        List<PictureSection> sections = List.of(
                new PictureSection("First", SampleShape.picture(512, 512), shown(9, bytes, true)),
                new PictureSection("Worst by PSNR", SampleShape.picture(512, 512), shown(9, bytes, true)),
                new PictureSection("None", SampleShape.picture(512, 512), List.of()));
        String page = ReportPage.of(report("x", 16), sections);
        // 8 Mi pixels for 2 sections of pairs of a quarter Mi each
        assertThat(count(page, "<figure>")).isEqualTo(2 * 8);
        assertThat(page).contains("The first 8 of 9").doesNotContain("None");
    }

    @Test
    void framesOfClipsAreChosenEvenly() {
        byte[] clip = new byte[3 * 9];
        for (int frame = 0; frame < 9; frame++) {
            clip[3 * frame] = (byte) (10 * frame);
        }
        String page = ReportPage.of(
                report("x", 16),
                List.of(new PictureSection(
                        "Clips", new SampleShape(9, 1, 1, 3), List.of(new Shown("c", null, clip, Double.NaN)))));
        assertThat(page).contains("8 of 9 frames of each, evenly spaced.", "width=\"944\" height=\"118\"");
    }

    @Test
    void picturesOfAnotherSizeAreRefused() {
        assertThatThrownBy(() -> new PictureSection("First", SampleShape.picture(4, 4), shown(1, 12, false)))
                .hasMessageContaining("has not the 48 bytes of 4×4×3");
    }

    @Test
    void rateIsPlottedAgainstDistortionWhereThereAreTwoPoints() {
        Figure bits = Figure.of("bitsPerPixel", 0.5).withStandardError(0.1);
        Figure psnr = Figure.of("psnr", 20).in("dB").higherIsBetter();
        EvaluationReport one = report("a", 1, bits, psnr, Figure.of("rFID", 3));
        EvaluationReport two = report("b", 1, bits, Figure.of("psnr", 30), Figure.of("rFID", 2));
        EvaluationReport equal = report("c", 1, bits, Figure.of("psnr", Double.POSITIVE_INFINITY));

        String page = ReportPage.of(comparison(one, two, equal));
        assertThat(count(page, "<svg ")).isEqualTo(2);
        assertThat(count(page, "<circle ")).isEqualTo(4); // without the infinite one, and the one that has no rFID
        assertThat(page).contains("aria-label=\"psnr, dB ↑ against bits per pixel ↓\"", "aria-label=\"rFID against");
        assertThat(ReportPage.of(comparison(one, equal))).doesNotContain("<svg");
    }

    @Test
    void ticksAreRoundAndCoverTheAxis() {
        String svg = Plot.svg(
                "x",
                "y",
                List.of(new Plot.Point("a", 0.31, null, 1000, null), new Plot.Point("b", 2.2, null, 9000, null)));
        List<String> texts = Pattern.compile(">([^<]+)</text>")
                .matcher(svg)
                .results()
                .map(match -> match.group(1))
                .toList();
        assertThat(texts)
                .containsExactly("0.5", "1.0", "1.5", "2.0", "2,000", "4,000", "6,000", "8,000", "x", "y", "b", "a");
        String one = Plot.svg("x", "y", List.of(new Plot.Point("a", 0, null, -5, new Interval(-5, -5))));
        assertThat(one).contains(">0.00</text>", ">-5.0</text>").doesNotContain("NaN", "-0.00<");
    }

    @Test
    void figuresHaveTheDigitsThatTheirErrorsLeave() {
        assertThat(text(Figure.of("f", 25.4132).withStandardError(0.1234))).isEqualTo("25.41 ± 0.12");
        assertThat(text(Figure.of("f", 25.4132).withStandardError(12.34))).isEqualTo("25 ± 12");
        assertThat(text(Figure.of("f", 12345.6).withInterval95(12000.4, 12700.2)))
                .isEqualTo("12,346 [12,000, 12,700]");
        assertThat(text(Figure.of("f", 10_000))).isEqualTo("10,000");
        assertThat(text(Figure.of("f", 12.3456))).isEqualTo("12.35");
        assertThat(text(Figure.of("f", 0.00123456))).isEqualTo("0.001235");
        assertThat(text(Figure.of("f", 1.234e-9))).isEqualTo("1.234e-09");
        assertThat(text(Figure.of("f", 0))).isEqualTo("0");
        assertThat(text(Figure.of("f", Double.NaN).withStandardError(Double.NaN)))
                .isEqualTo("NaN ± NaN");
        assertThat(text(Figure.of("f", Double.NEGATIVE_INFINITY))).isEqualTo("-∞");
    }

    private static String text(Figure figure) {
        return FigureText.withError(figure, FigureText.decimals(figure));
    }
}
