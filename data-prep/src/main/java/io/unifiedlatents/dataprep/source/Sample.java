package io.unifiedlatents.dataprep.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Members of an archive that follow each other and share a key: inputs and what is said of them, the way WebDataset
 * lays them out.
 */
final class Sample {
    /** Members that say something of the inputs of their sample. */
    private static final Set<String> ANNOTATIONS = Set.of("cls", "json", "txt", "caption");

    /** Members that WebDataset's writers put beside inputs, and that say nothing we use. */
    private static final Set<String> COMPANIONS = Set.of(
            "__key__", "cbor", "count", "id", "index", "inx", "npy", "npz", "pickle", "pkl", "pth", "pyd", "ten", "url",
            "xml");

    private static final int MOST_ANNOTATION_BYTES = 1 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A member: either its bytes, or the problem with it. */
    private record Member(
            String path, long length, @Nullable String problem, byte @Nullable [] bytes) {
        boolean isInput() {
            String extension = Archives.extension(path);
            return problem != null || !(ANNOTATIONS.contains(extension) || COMPANIONS.contains(extension));
        }
    }

    private final String key;
    private final String folder;
    private final List<Member> members = new ArrayList<>();
    private long bytes;

    /**
     * An empty sample.
     *
     * @param key what the paths of its members begin with
     * @param folder the class of its inputs where no member says otherwise
     */
    Sample(String key, String folder) {
        this.key = key;
        this.folder = folder;
    }

    String key() {
        return key;
    }

    /** Bytes held. */
    long bytes() {
        return bytes;
    }

    void add(String path, byte[] content) {
        members.add(new Member(path, content.length, null, content));
        bytes += content.length;
    }

    void addUnusable(String path, long length, String problem) {
        members.add(new Member(path, length, problem, null));
    }

    /** The kinds of annotation it has. */
    Set<String> annotated() {
        Set<String> kinds = new HashSet<>();
        for (Member member : members) {
            kinds.add(Archives.extension(member.path));
        }
        kinds.retainAll(ANNOTATIONS);
        return kinds;
    }

    /** Members that are no inputs of their own. */
    int companions() {
        int inputs = (int) members.stream().filter(Member::isInput).count();
        return inputs == 0 ? 0 : members.size() - inputs;
    }

    /**
     * Its inputs, annotated. Where all members are such as say something of others, each is an input.
     *
     * @param problem what is wrong with all of them, else null
     */
    List<SourceInput> inputs(@Nullable String problem) {
        boolean alone = members.stream().noneMatch(Member::isInput);
        Annotation annotation = Annotation.ofClass(folder);
        String common = problem;
        if (!alone) {
            try {
                annotation = annotation();
            } catch (IOException e) {
                common = "bad annotation: " + e.getMessage();
            }
        }
        List<SourceInput> inputs = new ArrayList<>();
        for (Member member : members) {
            if (alone || member.isInput()) {
                String own = member.problem == null ? common : member.problem;
                byte[] content = member.bytes;
                inputs.add(
                        own == null && content != null
                                ? SourceInput.of(member.path, content, annotation)
                                : new SourceInput(member.path, member.length, annotation, own, null));
            }
        }
        return inputs;
    }

    private Annotation annotation() throws IOException {
        JsonNode json = json();
        String className = first(text("cls"), json, "label", "class_name", "cls");
        String caption = first(text("txt"), json, "caption", "text");
        if (caption == null) {
            caption = text("caption");
        }
        return new Annotation(className == null ? folder : className, caption, first(null, json, "split"));
    }

    private static @Nullable String first(@Nullable String found, @Nullable JsonNode json, String... keys) {
        String value = found;
        for (String key : keys) {
            JsonNode node = json == null ? null : json.get(key);
            if (value == null && node != null && (node.isTextual() || node.isIntegralNumber())) {
                value = emptyToNull(node.asText());
            }
        }
        return value;
    }

    private @Nullable JsonNode json() throws IOException {
        String text = text("json");
        if (text == null) {
            return null;
        }
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new IOException(key + ".json is not JSON", e);
        }
    }

    private @Nullable String text(String extension) throws IOException {
        for (Member member : members) {
            if (member.bytes != null && Archives.extension(member.path).equals(extension)) {
                if (member.bytes.length > MOST_ANNOTATION_BYTES) {
                    throw new IOException(member.path + " has " + member.bytes.length + " bytes, at most "
                            + MOST_ANNOTATION_BYTES + " are read");
                }
                return emptyToNull(new String(member.bytes, StandardCharsets.UTF_8));
            }
        }
        return null;
    }

    private static @Nullable String emptyToNull(String text) {
        String stripped = text.strip();
        return stripped.isEmpty() ? null : stripped;
    }
}
