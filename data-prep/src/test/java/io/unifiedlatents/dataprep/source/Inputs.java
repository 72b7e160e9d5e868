package io.unifiedlatents.dataprep.source;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/** Reads sources the way tasks do. */
final class Inputs {
    static final Configuration HADOOP = new Configuration();

    private Inputs() {}

    /** An input that has been read; of a problem only its class, the words before the colon. */
    record Read(
            String path,
            @Nullable String className,
            @Nullable String caption,
            @Nullable String split,
            @Nullable String problem,
            @Nullable String content) {
        static Read of(String path, String className, String content) {
            return new Read(path, className, null, null, null, content);
        }
    }

    static List<Read> read(Source source) throws IOException {
        List<Read> inputs = new ArrayList<>();
        for (Part part : source.parts()) {
            inputs.addAll(read(part));
        }
        return inputs;
    }

    static List<Read> read(Part part) throws IOException {
        List<Read> inputs = new ArrayList<>();
        try (PartReader reader = sent(part).open(HADOOP)) {
            for (SourceInput input = reader.next(); input != null; input = reader.next()) {
                inputs.add(read(input));
            }
        }
        return inputs;
    }

    private static Read read(SourceInput input) throws IOException {
        Annotation said = input.annotation();
        String problem = input.problem();
        if (problem != null) {
            return new Read(input.path(), null, null, null, problem.substring(0, problem.indexOf(':')), null);
        }
        byte[] bytes = input.read();
        if (input.length() != bytes.length) {
            throw new AssertionError(input.path() + " has length " + input.length() + ", not " + bytes.length);
        }
        String content = new String(bytes, StandardCharsets.ISO_8859_1);
        return new Read(input.path(), said.className(), said.caption(), said.split(), null, content);
    }

    /** Paths of inputs without problem. */
    static List<String> usable(List<Read> inputs) {
        return inputs.stream()
                .filter(input -> input.problem() == null)
                .map(Read::path)
                .toList();
    }

    /** Problems, each as {@code <path>: <class of the problem>}. */
    static List<String> problems(List<Read> inputs) {
        return inputs.stream()
                .filter(input -> input.problem() != null)
                .map(input -> input.path() + ": " + input.problem())
                .toList();
    }

    /** The part as it arrives at an executor. */
    private static Part sent(Part part) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(part);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return (Part) in.readObject();
        } catch (ClassNotFoundException e) {
            throw new IOException(e);
        }
    }
}
