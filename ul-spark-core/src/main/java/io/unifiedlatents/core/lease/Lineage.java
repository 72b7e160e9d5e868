package io.unifiedlatents.core.lease;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.Storage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which writer made each step of a run, as the newest writer declared it when it began: {@code lineage/<writer>.json}
 * in the directory of a stage. What another writer publishes for a step, at whatever time, does not count, so a run has
 * one history.
 *
 * @param writer who declares it; all steps after the last span are its own
 * @param before what it goes on from: writers in order, each with the last step that counts of it
 */
public record Lineage(WriterId writer, List<Span> before) {
    /**
     * The steps of one writer: those after the span before it.
     *
     * @param writer who made them
     * @param to the last of them
     */
    public record Span(WriterId writer, long to) {}

    /** The lineage of a run that was written before runs had one. */
    public static final Lineage NONE = new Lineage(WriterId.NONE, List.of());

    private static final String SUFFIX = ".json";
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    public Lineage {
        before = List.copyOf(before);
    }

    /** The newest lineage of a stage, {@link #NONE} where it has none. */
    public static Lineage of(Storage stage) throws IOException {
        Storage directory = directory(stage);
        while (true) {
            Optional<WriterId> newest = newestWriter(stage);
            if (newest.isEmpty()) {
                return NONE;
            }
            String name = name(newest.get());
            try {
                return JSON.readValue(directory.read(name), Lineage.class);
            } catch (FileNotFoundException e) {
                // a newer one has just replaced it
            } catch (JsonProcessingException e) {
                throw new CorruptDataException(
                        directory.path(name) + ": not a lineage: " + e.getOriginalMessage() + "; restore the file", e);
            }
        }
    }

    /** The writer of the newest lineage of a stage. */
    static Optional<WriterId> newestWriter(Storage stage) throws IOException {
        return writers(stage).max(Comparator.naturalOrder());
    }

    private static Stream<WriterId> writers(Storage stage) throws IOException {
        return directory(stage).list().stream()
                .filter(name -> name.endsWith(SUFFIX))
                .map(name -> name.substring(0, name.length() - SUFFIX.length()))
                .filter(WriterId::isText)
                .map(WriterId::parse);
    }

    /** The one writer whose checkpoint of a step counts. */
    public WriterId writerOf(long step) {
        for (Span span : before) {
            if (step <= span.to) {
                return span.writer;
            }
        }
        return writer;
    }

    /** The lineage of a writer that goes on after a step of this one. */
    public Lineage next(WriterId next, long step) {
        List<Span> spans = new ArrayList<>();
        long at = 0;
        for (Span span : before) {
            if (at < step) {
                at = Math.min(step, span.to);
                spans.add(new Span(span.writer, at));
            }
        }
        if (at < step) {
            spans.add(new Span(writer, step));
        }
        return new Lineage(next, spans);
    }

    /** Declares it in the directory of a stage and removes those of lower writers, which it replaces. */
    public void publish(Storage stage) throws IOException {
        Storage directory = directory(stage);
        directory.publish(name(writer), JSON.writeValueAsBytes(this));
        for (WriterId other : writers(stage).toList()) {
            if (other.compareTo(writer) < 0) {
                directory.delete(name(other));
            }
        }
    }

    private static Storage directory(Storage stage) {
        return stage.directory("lineage");
    }

    private static String name(WriterId writer) {
        return writer + SUFFIX;
    }
}
