package io.unifiedlatents.tests.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.report.Comparison;
import io.unifiedlatents.core.report.EvaluationCard;
import io.unifiedlatents.core.report.EvaluationReport;
import io.unifiedlatents.core.report.Figure;
import io.unifiedlatents.core.report.Html;
import io.unifiedlatents.core.report.PictureSection;
import io.unifiedlatents.core.report.ReportPage;
import io.unifiedlatents.core.report.Shown;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pages of reports in a real browser. Screenshots stay in {@code target/pages}. */
class ReportPageBrowserTest {
    private static final int HEIGHT = 900;
    private static final int LARGE = 256;

    /** Legible text by the Web Content Accessibility Guidelines, level AA. */
    private static final double LEAST_CONTRAST = 4.5;

    /** Every picture: pixels decoded (RGB in base64), size on the page, how it is enlarged. */
    private static final String PICTURES = """
            Promise.all([...document.images].map(img => img.decode().then(() => {
              const canvas = document.createElement('canvas');
              canvas.width = img.naturalWidth;
              canvas.height = img.naturalHeight;
              const context = canvas.getContext('2d');
              context.drawImage(img, 0, 0);
              const rgba = context.getImageData(0, 0, canvas.width, canvas.height).data;
              let rgb = '';
              for (let i = 0; i < rgba.length; i++) if (i % 4 < 3) rgb += String.fromCharCode(rgba[i]);
              const box = img.getBoundingClientRect();
              return {alt: img.alt, rgb: btoa(rgb), natural: canvas.width / canvas.height, width: box.width,
                      height: box.height, rendering: getComputedStyle(img).imageRendering};
            }, () => ({alt: img.alt, broken: true}))))""";

    /** What sticks out of the window and cannot be scrolled to within the page. */
    private static final String STICKING_OUT = """
            [...document.querySelectorAll('body *')]
              .filter(e => !e.closest('.wide *') && e.getBoundingClientRect().right > innerWidth + 0.5)
              .map(e => e.outerHTML.slice(0, 80))
              .concat(document.documentElement.scrollWidth > innerWidth ? ['the page itself'] : [])""";

    /** Texts of plots that leave their plot, and labels that hide each other. */
    private static final String HIDDEN_LABELS = """
            [...document.querySelectorAll('svg')].flatMap(svg => {
              const frame = svg.getBoundingClientRect();
              const boxes = [...svg.querySelectorAll('text')].map(t => ({text: t.textContent, label: t.matches('.label'),
                ...t.getBoundingClientRect().toJSON()}));
              const out = boxes.filter(b => b.left < frame.left - 1 || b.right > frame.right + 1 || b.top < frame.top - 1
                || b.bottom > frame.bottom + 1);
              const labels = boxes.filter(b => b.label);
              const hidden = labels.filter((a, i) => labels.some((b, j) => j < i && a.left < b.right && b.left < a.right
                && a.top + 3 < b.bottom && b.top + 3 < a.bottom)); // 3 of the 16 pixels of a line are empty
              return [...out, ...hidden].map(b => b.text);
            })""";

    /** Least contrast of text with the background of the page. */
    private static final String CONTRAST = """
            (() => {
              const light = color => {
                const [r, g, b] = color.match(/[0-9.]+/g).map(v => v / 255)
                  .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
              };
              const paper = light(getComputedStyle(document.body).backgroundColor);
              return Math.min(...[...document.querySelectorAll('main *')].map(e => getComputedStyle(e))
                .map(style => light(style.color))
                .map(ink => (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05)));
            })()""";

    @TempDir
    private static Path directory;

    @SuppressWarnings("NullAway.Init") // by JUnit
    private static Browser browser;

    @BeforeAll
    static void start() throws Exception {
        Path executable = Browser.executable();
        assumeTrue(executable != null, "no chromium on the PATH, so no page is looked at; apt-get install chromium");
        browser = Browser.start(Objects.requireNonNull(executable), directory.resolve("profile"));
    }

    @AfterAll
    static void stop() throws Exception {
        if (browser != null) {
            browser.close();
        }
    }

    private static byte[] pixels(int count, long seed) {
        byte[] pixels = new byte[3 * count];
        new SplittableRandom(seed).nextBytes(pixels);
        return pixels;
    }

    private static Shown shown(String id, int pixels, long seed) {
        return new Shown(id, pixels(pixels, seed), pixels(pixels, seed + 1), 21.5);
    }

    private static EvaluationReport report(String name, double bits, double psnr) {
        Map<String, Object> measured = new LinkedHashMap<>();
        measured.put("heldOut", "d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592");
        measured.put("sampler", "DDIM, uniform in time, <b>clipped</b> to [-1, 1]");
        return new EvaluationReport(
                name,
                List.of(
                        Figure.of("psnr", psnr).withStandardError(0.11).in("dB").higherIsBetter(),
                        Figure.of("bitsPerPixel", bits).withStandardError(0.012).lowerIsBetter(),
                        Figure.of("frechet(resnet50)", 100 / psnr)
                                .withInterval95(99 / psnr, 102 / psnr)
                                .lowerIsBetter()
                                .withNote("features of another network than the one of FID")),
                List.of("the covariance of 256 pictures in 2,048 dimensions is singular"),
                new EvaluationCard(Map.of("run", "s3a://bucket/" + "deep/".repeat(30) + name), measured));
    }

    private static Path write(String name, String page) throws Exception {
        Path file = directory.resolve(name + ".html");
        Files.writeString(file, page);
        return file;
    }

    private static void requireSound(String name) throws Exception {
        Path pages = Files.createDirectories(Path.of("target", "pages"));
        Files.write(pages.resolve(name + ".png"), browser.screenshot());
        assertThat(browser.complaints()).isEmpty();
        assertThat(browser.evaluate(STICKING_OUT)).isEmpty();
        assertThat(browser.evaluate(HIDDEN_LABELS)).isEmpty();
        assertThat(browser.evaluate(CONTRAST).asDouble()).isGreaterThan(LEAST_CONTRAST);
    }

    @ParameterizedTest
    @CsvSource({"1200, false", "1200, true", "400, false", "400, true"})
    void everyPictureIsSeenAsItIs(int width, boolean dark) throws Exception {
        String id = "af61b9b1884c7d659a2feaa0c55ad015";
        List<Shown> small = List.of(shown(id, 64, 1), shown("<i>two</i>", 64, 3));
        Shown large = shown("large", LARGE * LARGE, 5);
        Shown clip = shown("clip", 4 * 64, 7);
        Shown sample = new Shown("sample", null, pixels(64, 9), Double.NaN);
        String page = ReportPage.of(
                report("cifar10 <&>", 1.3, 25),
                List.of(
                        new PictureSection("First", SampleShape.picture(8, 8), small),
                        new PictureSection("Worst by PSNR", SampleShape.picture(LARGE, LARGE), List.of(large)),
                        new PictureSection("Clips", new SampleShape(4, 8, 8, 3), List.of(clip)),
                        new PictureSection("Samples", SampleShape.picture(8, 8), List.of(sample))));
        browser.show(write("report", page), width, HEIGHT, dark);

        requireSound("report-" + width + (dark ? "-dark" : ""));
        assertThat(browser.evaluate("document.querySelector('h1').textContent").asText())
                .isEqualTo("cifar10 <&>");
        List<byte[]> expected = new ArrayList<>();
        for (Shown pair : List.of(small.get(0), small.get(1), large)) {
            expected.add(Objects.requireNonNull(pair.original()));
            expected.add(pair.picture());
        }
        expected.add(beside(Objects.requireNonNull(clip.original())));
        expected.add(beside(clip.picture()));
        expected.add(sample.picture());
        JsonNode pictures = browser.evaluate(PICTURES);
        assertThat(pictures).hasSameSizeAs(expected);
        for (int i = 0; i < pictures.size(); i++) {
            JsonNode picture = pictures.get(i);
            assertThat(Base64.getDecoder().decode(picture.get("rgb").asText()))
                    .as(picture.get("alt").asText())
                    .isEqualTo(expected.get(i));
            double shownWidth = picture.get("width").asDouble();
            assertThat(shownWidth / picture.get("height").asDouble())
                    .isBetween(
                            0.98 * picture.get("natural").asDouble(),
                            1.02 * picture.get("natural").asDouble());
            assertThat(shownWidth).isBetween(100.0, (double) width); // enlarged to 128, or a pair of 256 in 352 pixels
            boolean enlarged = expected.get(i).length < 3 * LARGE * LARGE;
            assertThat(picture.get("rendering").asText()).isEqualTo(enlarged ? "pixelated" : "auto");
        }
    }

    /** Frames of 8 x 8 pixels one after the other → side by side. */
    private static byte[] beside(byte[] frames) {
        byte[] strip = new byte[frames.length];
        for (int i = 0; i < frames.length; i++) {
            int frame = i / 192;
            int row = i / 24 % 8;
            strip[row * 96 + frame * 24 + i % 24] = frames[i];
        }
        return strip;
    }

    @ParameterizedTest
    @CsvSource({"1200, false", "1200, true", "400, false", "400, true"})
    void plotsOfManyReportsStayLegible(int width, boolean dark) throws Exception {
        List<Comparison.Entry> entries = new ArrayList<>();
        for (int i = 0; i < 6; i++) { // three of them close together
            String label = "run " + i + (i == 5 ? " with a name that is longer than any label may be" : "");
            entries.add(new Comparison.Entry(label, report(label, i < 3 ? 1 + 0.01 * i : i, i < 3 ? 24 : 24 + i)));
        }
        browser.show(write("comparison", ReportPage.of(new Comparison(entries))), width, HEIGHT, dark);

        requireSound("comparison-" + width + (dark ? "-dark" : ""));
        assertThat(browser.evaluate("document.querySelectorAll('svg').length").asInt())
                .isEqualTo(2);
        assertThat(browser.evaluate("document.querySelectorAll('circle').length")
                        .asInt())
                .isEqualTo(12);
    }

    /** The checks above see what they look for. */
    @Test
    void faultsAreSeen() throws Exception {
        String broken = Html.begin("faults") + """
                <img alt="broken" src="data:image/png;base64,AAAA">
                <img alt="outside" src="https://example.invalid/x.png">
                <script>document.title = "ran"</script>
                <p style="width:2000px">wide</p>
                <p style="color:#eeeeee">pale</p>
                <svg viewBox="0 0 100 100" width="100"><text class="label" x="5" y="50">one</text>
                <text class="label" x="6" y="52">two</text><text x="90" y="20">outside</text></svg>
                """ + Html.END;
        browser.show(write("faults", broken), 1200, HEIGHT, false);

        assertThat(browser.complaints())
                .anySatisfy(complaint -> assertThat(complaint).contains("https://example.invalid/x.png", "img-src"))
                .anySatisfy(complaint -> assertThat(complaint).contains("inline script"));
        assertThat(browser.evaluate("document.title").asText()).isEqualTo("faults");
        JsonNode pictures = browser.evaluate(PICTURES);
        assertThat(pictures)
                .hasSize(2)
                .allSatisfy(picture ->
                        assertThat(picture.path("broken").asBoolean()).isTrue());
        assertThat(browser.evaluate(STICKING_OUT).toString()).contains("2000px", "the page itself");
        assertThat(browser.evaluate(HIDDEN_LABELS).toString()).contains("two", "outside");
        assertThat(browser.evaluate(CONTRAST).asDouble()).isLessThan(LEAST_CONTRAST);
    }
}
