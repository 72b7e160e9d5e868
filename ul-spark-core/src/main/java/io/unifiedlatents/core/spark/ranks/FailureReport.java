package io.unifiedlatents.core.spark.ranks;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * {@code failure.json} in the directory of a stage: the last failure of the run, what it left and how to go on.
 * Replaced by the next; {@code state} says whether the run has failed for good, goes on by itself, or has recovered.
 */
public final class FailureReport {
    static final String NAME = "failure.json";

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern SECRET = Pattern.compile("(?i)(\\S*(?:secret|password|token|access\\.key)\\S*=)\\S+");
    private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9_./:=,@%+-]+");

    private final Storage directory;
    private final Map<String, Object> fields = new LinkedHashMap<>();

    public FailureReport(Storage directory) {
        this.directory = directory;
    }

    /** Publishes a failure; {@code again} says whether another attempt follows. */
    public void failed(RankFailure failure, long committed, boolean again) throws IOException {
        fields.put("state", again ? "retrying" : "failed");
        fields.put("time", Instant.now().toString());
        fields.put("cause", failure.cause().name().toLowerCase(Locale.ROOT));
        fields.put("message", failure.message());
        RankId rank = failure.at().rank();
        fields.put("rank", rank.rank());
        fields.put("host", rank.host());
        fields.put("executor", rank.executor());
        fields.put("device", rank.device());
        fields.put("step", failure.at().step());
        fields.put("phase", failure.at().phase());
        fields.put("lastCheckpoint", committed);
        fields.put("checkpoints", directory.path("checkpoints").toString());
        fields.put("resume", command());
        publish();
    }

    /** Marks the last failure as overcome, where there was one. */
    public void recovered() throws IOException {
        if (!fields.isEmpty()) {
            fields.put("state", "recovered");
            publish();
        }
    }

    private void publish() throws IOException {
        directory.publish(NAME, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(fields));
    }

    /** The command that started this driver: the same again resumes. Values of secrets are left out. */
    private static String command() {
        String java = System.getProperty("sun.java.command", "");
        String[] words = java.split(" ", -1);
        String rest = Arrays.stream(words).skip(1).map(FailureReport::quoted).collect(Collectors.joining(" "));
        String command = words[0].endsWith("SparkSubmit") ? "spark-submit " + rest : "the same command again";
        return SECRET.matcher(command).replaceAll("$1***");
    }

    private static String quoted(String word) {
        return SAFE.matcher(word).matches() ? word : "'" + word + "'";
    }
}
