package io.unifiedlatents.core.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.storage.CorruptDataException;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The figures of an evaluation, and the card of what they depend on; {@code docs/formats/evaluation.md} lists the
 * fields of its JSON.
 *
 * @param name of the evaluation, which is its folder below {@code <runDirectory>/evaluation}
 * @param figures in the order in which they are shown, each name once
 * @param warnings what limits the use of the figures, as sentences
 * @param card what was judged and how
 */
@JsonPropertyOrder({"schemaVersion", "name", "figures", "warnings", "card"})
public record EvaluationReport(String name, List<Figure> figures, List<String> warnings, EvaluationCard card) {
    /** File of the JSON, in the folder of an evaluation. */
    public static final String FILE = "report.json";

    /** File of the page beside it. */
    public static final String PAGE = "report.html";

    /** The schema that is written and read. */
    public static final int SCHEMA_VERSION = 1;

    private static final String VERSION_KEY = "schemaVersion";

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();

    /** Copies the lists; refuses two figures of one name. */
    public EvaluationReport {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(card, "card");
        figures = List.copyOf(figures);
        warnings = List.copyOf(warnings);
        Set<String> names = new HashSet<>();
        for (Figure figure : figures) {
            Check.argument(names.add(figure.name()), "report %s has two figures named %s", name, figure.name());
        }
    }

    /** The version that {@link #toJson} writes first. */
    @JsonProperty(VERSION_KEY)
    int schemaVersion() {
        return SCHEMA_VERSION;
    }

    /** The figure of a name; null where it was not measured. */
    public @Nullable Figure figure(String named) {
        return figures.stream()
                .filter(figure -> figure.name().equals(named))
                .findFirst()
                .orElse(null);
    }

    /**
     * How the two were measured differently: keys of {@link EvaluationCard#measured} that differ or are missing in one,
     * in the order of this card, then what only the other has.
     */
    public List<Difference> differences(EvaluationReport other) {
        return Difference.between(List.of(card.measured(), other.card.measured()));
    }

    /**
     * The content of {@value #FILE}; the same report gives the same bytes. What JSON has no numbers for is written as
     * the texts {@code "NaN"}, {@code "Infinity"} and {@code "-Infinity"}.
     */
    public String toJson() {
        try {
            return JSON.writeValueAsString(this) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a report of plain fields cannot be written", e);
        }
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @param json content of the file
     * @param file where it came from, for messages
     * @throws CorruptDataException where it is no report, or one of another schema version
     */
    public static EvaluationReport fromJson(String json, String file) throws CorruptDataException {
        try {
            JsonNode tree = JSON.readTree(json);
            JsonNode version = tree.path(VERSION_KEY);
            if (!(tree instanceof ObjectNode fields) || !version.isInt()) {
                throw new CorruptDataException(file + " has no whole number " + VERSION_KEY
                        + ", so it is no report of this program's Evaluate; name one, or evaluate again");
            }
            if (version.intValue() != SCHEMA_VERSION) {
                throw new CorruptDataException(
                        "%s has schema version %d, this program reads %d; read it with the version of the program that wrote it, or evaluate again"
                                .formatted(file, version.intValue(), SCHEMA_VERSION));
            }
            fields.remove(VERSION_KEY);
            if (fields.at("/card/measured") instanceof ObjectNode measured) {
                giveShape(measured);
            }
            return JSON.treeToValue(fields, EvaluationReport.class);
        } catch (JsonProcessingException e) {
            throw new CorruptDataException(
                    file + " cannot be read as a report: " + place(e) + e.getOriginalMessage() + "; evaluate again");
        }
    }

    /** Reports of version 0.1 have the side of squares in place of their shape, and 0 for any size. */
    private static void giveShape(ObjectNode measured) {
        JsonNode side = measured.path("resolution");
        if (side.isInt()) {
            measured.remove("resolution");
            SampleShape square = side.intValue() == 0 ? null : SampleShape.picture(side.intValue(), side.intValue());
            measured.put(EvaluationCard.SHAPE, EvaluationCard.shapeOf(square));
        }
    }

    /** The path in the JSON, such as {@code figures[2].value: }. */
    private static String place(JsonProcessingException error) {
        StringBuilder place = new StringBuilder();
        if (error instanceof JsonMappingException mapping) {
            for (JsonMappingException.Reference part : mapping.getPath()) {
                String field = part.getFieldName();
                place.append(field == null ? "[" + part.getIndex() + "]" : place.length() == 0 ? field : "." + field);
            }
        }
        return place.length() == 0 ? "" : place + ": ";
    }
}
