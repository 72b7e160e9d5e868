package io.unifiedlatents.core.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.storage.CorruptDataException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvaluationReportTest {
    private static final String GOLDEN = """
            {
              "schemaVersion" : 1,
              "name" : "reconstruction",
              "figures" : [ {
                "name" : "psnr",
                "value" : "Infinity",
                "standardError" : "NaN",
                "unit" : "dB",
                "better" : "higher"
              }, {
                "name" : "FID",
                "value" : 12.25,
                "interval95" : [ 11.5, 13.0 ],
                "better" : "lower",
                "note" : "of \\"everything\\""
              }, {
                "name" : "images",
                "value" : 256.0
              } ],
              "warnings" : [ "few pictures" ],
              "card" : {
                "judged" : {
                  "stage" : "stage1",
                  "step" : 5000000000
                },
                "measured" : {
                  "z" : "first, though last in the alphabet",
                  "guidance" : 1.5,
                  "ema" : true,
                  "seed" : -3
                }
              }
            }
            """;

    private static Map<String, Object> ordered(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }

    private static EvaluationReport report() {
        return new EvaluationReport(
                "reconstruction",
                List.of(
                        Figure.of("psnr", Double.POSITIVE_INFINITY)
                                .withStandardError(Double.NaN)
                                .in("dB")
                                .higherIsBetter(),
                        Figure.of("FID", 12.25)
                                .withInterval95(11.5, 13)
                                .lowerIsBetter()
                                .withNote("of \"everything\""),
                        Figure.of("images", 256)),
                List.of("few pictures"),
                new EvaluationCard(
                        ordered("stage", "stage1", "step", 5_000_000_000L),
                        ordered("z", "first, though last in the alphabet", "guidance", 1.5, "ema", true, "seed", -3)));
    }

    @Test
    void theJsonIsTheOneOfTheSchema() throws Exception {
        assertThat(report().toJson()).isEqualTo(GOLDEN);
        assertThat(EvaluationReport.fromJson(GOLDEN, "x")).isEqualTo(report());
        assertThat(EvaluationReport.fromJson(GOLDEN, "x").toJson()).isEqualTo(GOLDEN);
    }

    @ParameterizedTest
    @CsvSource({"NaN", "Infinity", "-Infinity", "-0.0", "4.9E-324", "1.7976931348623157E308", "0.1", "1e-300"})
    void everyNumberComesBackAsItWas(double value) throws Exception {
        EvaluationReport written = new EvaluationReport(
                "n", List.of(Figure.of("f", value)), List.of(), new EvaluationCard(Map.of(), Map.of()));
        Figure read = EvaluationReport.fromJson(written.toJson(), "x").figures().get(0);
        assertThat(Double.doubleToLongBits(read.value())).isEqualTo(Double.doubleToLongBits(value));
    }

    @Test
    void wholeNumbersOfTheCardAreAlikeWhateverTheirType() throws Exception {
        EvaluationCard ints = new EvaluationCard(Map.of(), ordered("images", 256, "guidance", 1.5f));
        EvaluationCard longs = new EvaluationCard(Map.of(), ordered("images", 256L, "guidance", 1.5));
        assertThat(ints).isEqualTo(longs);
    }

    @Test
    void cardsHoldOnlyWhatJsonGivesBack() {
        assertThatThrownBy(() -> new EvaluationCard(Map.of(), Map.of("guidance", Double.NaN)))
                .hasMessage("card.measured.guidance is NaN; numbers of a card are finite");
        assertThatThrownBy(() -> new EvaluationCard(Map.of("files", List.of()), Map.of()))
                .hasMessage("card.judged.files is []; it must be a text, a number or a boolean");
    }

    @Test
    void figuresThatCannotBeAreRefused() {
        assertThatThrownBy(() -> Figure.of("psnr", 3).withStandardError(-1))
                .hasMessage("the standard error -1.0 of psnr must not be negative");
        assertThatThrownBy(() -> Figure.of("psnr", 3).withInterval95(4, 2))
                .hasMessage("an interval from 4.0 to 2.0 is none");
        assertThatThrownBy(() -> new EvaluationReport(
                        "n",
                        List.of(Figure.of("FID", 1), Figure.of("FID", 2)),
                        List.of(),
                        new EvaluationCard(Map.of(), Map.of())))
                .hasMessage("report n has two figures named FID");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"schemaVersion\" : 1|\"schemaVersion\" : 2|has schema version 2, this program reads 1",
                "\"schemaVersion\" : 1|\"schemaVersion\" : \"1\"|has no whole number schemaVersion",
                "\"schemaVersion\" : 1,||has no whole number schemaVersion",
                "\"value\" : 256.0|\"value\" : null|Cannot map `null` into type `double`",
                "\"value\" : 256.0|\"value\" : \"256\"|Cannot coerce String value",
                "\"value\" : 256.0|\"worth\" : 256.0|cannot be read as a report: figures[2].value: ",
                "\"better\" : \"lower\"|\"worse\" : \"higher\"|Unrecognized field \"worse\"",
                "[ 11.5, 13.0 ]|[ 11.5 ]|cannot be read as a report: figures[1].interval95.high: ",
                "[ 11.5, 13.0 ]|[ 13.5, 13.0 ]|an interval from 13.5 to 13.0 is none",
                "\"lower\"|\"sideways\"|sideways",
                "\"name\" : \"images\"|\"name\" : \"FID\"|two figures named FID",
                "\"seed\" : -3|\"ema\" : false|Duplicate field 'ema'",
                "\"seed\" : -3|\"seed\" : [ 3 ]|card.measured.seed is [3]",
                "\"seed\" : -3|\"seed\" : null|card.measured.seed is null",
                "\"card\" : {|\"card\" : 3|cannot be read as a report",
            })
    void whatIsNoReportOfThisSchemaIsRefused(String part, String instead, String message) {
        String json = GOLDEN.replace(part, instead == null ? "" : instead);
        assertThat(json).isNotEqualTo(GOLDEN);
        assertThatThrownBy(() -> EvaluationReport.fromJson(json, "runs/a/report.json"))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageStartingWith("runs/a/report.json ")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({"''", "null", "3", "[]", "{}", "no JSON", "'{\"schemaVersion\":1}'", "'{\"schemaVersion\":1} 2'"})
    void otherFilesAreRefused(String json) {
        assertThatThrownBy(() -> EvaluationReport.fromJson(json, "notes.txt"))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageStartingWith("notes.txt ")
                .hasMessageEndingWith("evaluate again");
    }

    @Test
    void differencesAreThoseOfHowItWasMeasured() {
        EvaluationReport one = new EvaluationReport(
                "a",
                List.of(),
                List.of(),
                new EvaluationCard(
                        ordered("step", 1), ordered("images", 256, "detector", "x.pt", "seed", 1, "ema", true)));
        EvaluationReport other = new EvaluationReport(
                "b",
                List.of(),
                List.of(),
                new EvaluationCard(ordered("step", 2), ordered("frames", 16, "seed", "1", "images", 64, "ema", true)));
        assertThat(one.differences(one)).isEmpty();
        assertThat(one.differences(other))
                .containsExactly(
                        new Difference("images", List.of("256", "64")),
                        new Difference("detector", List.of("x.pt", "–")),
                        new Difference("seed", List.of("1", "1")), // a number and a text
                        new Difference("frames", List.of("–", "16")));
    }
}
