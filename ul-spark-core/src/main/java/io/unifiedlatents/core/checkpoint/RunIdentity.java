package io.unifiedlatents.core.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.Setting;
import io.unifiedlatents.core.config.Settings;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.data.Hashes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Everything that a training run never changes: the settings of kind {@link Setting.Kind#IDENTITY}, and the data.
 *
 * @param stage that is trained
 * @param config resolved settings
 * @param data hashes of what the run trains on, by {@link #DATASET_HASH} and {@link #ENCODER_HASH}
 */
public record RunIdentity(StageName stage, RunConfig config, Map<String, String> data) {
    /** Name of the hash of the pictures' manifest. */
    public static final String DATASET_HASH = "datasetHash";

    /** Name of the hash of the encoder whose latents are trained on. */
    public static final String ENCODER_HASH = "encoderHash";

    /** Name under which a change of the training script is confirmed. */
    public static final String SCRIPT = "script";

    public RunIdentity {
        data = Map.copyOf(data);
    }

    /** SHA-256 of settings and data. */
    public String hash() {
        StringBuilder text = new StringBuilder();
        Settings.identity(config, stage)
                .forEach((key, value) ->
                        text.append(key).append('=').append(value).append('\n'));
        new TreeMap<>(data)
                .forEach((key, value) ->
                        text.append(key).append('=').append(value).append('\n'));
        return Hashes.sha256(text.toString());
    }

    /**
     * Checks that a run may go on from a checkpoint with these settings.
     *
     * @param newest checkpoint that it goes on from
     * @param scriptHash of the training script now
     * @param confirmed keys of course settings that the user allows to change, and perhaps {@value #SCRIPT}
     * @param directory of the run, for messages
     * @return what changes from this step on, and was confirmed
     * @throws ConfigException naming every setting that may not change, or was not confirmed, with both values and the
     *     ways out
     */
    public List<Settings.Change> requireResumable(
            CheckpointManifest newest, String scriptHash, Set<String> confirmed, String directory) {
        requireCourseSettings(confirmed);
        RunConfig before = ConfigLoader.recorded(newest.config());
        Map<String, Settings.Change> identity = Settings.changes(before, config, Setting.Kind.IDENTITY, stage);
        data.forEach((key, now) -> {
            String then = newest.extra().getOrDefault(key, now);
            if (!then.equals(now)) {
                identity.put(key, Settings.Change.of(key, then, now));
            }
        });
        Map<String, Settings.Change> course = Settings.changes(before, config, Setting.Kind.COURSE, stage);
        if (!newest.scriptHash().isEmpty() && !newest.scriptHash().equals(scriptHash)) {
            course.put(SCRIPT, Settings.Change.of(SCRIPT, newest.scriptHash(), scriptHash));
        }
        List<Settings.Change> unconfirmed = course.values().stream()
                .filter(change -> !confirmed.contains(change.key()))
                .toList();
        StringBuilder refusal = new StringBuilder();
        if (!identity.isEmpty()) {
            refusal.append(lines(identity.values()))
                    .append(
                            "\nThese settings decide what the weights mean or what a step computes, so a run keeps them."
                                    + " Set them back, name another runDirectory, or start a new run from these weights with ")
                    .append(trainSection(stage))
                    .append(".run.startFrom=")
                    .append(directory)
                    .append("/checkpoints/")
                    .append(Checkpoints.directoryName(newest));
        }
        if (!unconfirmed.isEmpty()) {
            refusal.append(lines(unconfirmed))
                    .append(
                            "\nThese settings change the result from this step on. Set them back, or confirm them with");
            unconfirmed.forEach(change -> refusal.append(" --change ").append(change.key()));
            if (course.containsKey(SCRIPT)) {
                refusal.append("\n(")
                        .append(SCRIPT)
                        .append(": this version of the software computes a step otherwise than the one that wrote the"
                                + " checkpoint)");
            }
        }
        if (!refusal.isEmpty()) {
            throw new ConfigException("the run in " + directory + " is at step " + newest.step()
                    + " and cannot go on with other settings:" + refusal);
        }
        return List.copyOf(course.values());
    }

    /**
     * Checks that networks of a checkpoint are what the settings describe.
     *
     * @throws ConfigException naming every setting that differs, with both values
     */
    public static void requireSameNetworks(
            CheckpointManifest checkpoint, RunConfig config, StageName stage, String directory) {
        RunConfig before = ConfigLoader.recorded(checkpoint.config());
        List<Settings.Change> changes = Settings.changes(before, config, Setting.Kind.IDENTITY, stage).values().stream()
                .filter(change -> Settings.describesNetworks(change.key()))
                .toList();
        if (!changes.isEmpty()) {
            throw new ConfigException("the networks of step " + checkpoint.step() + " in " + directory
                    + " were trained with other settings:" + lines(changes) + "\nUse the settings of that run.");
        }
    }

    private void requireCourseSettings(Set<String> confirmed) {
        Map<String, Settings.Entry> all = Settings.of(config);
        List<String> wrong = new ArrayList<>();
        for (String key : confirmed) {
            Settings.Entry entry = all.get(key);
            if (!key.equals(SCRIPT) && (entry == null || entry.kind() != Setting.Kind.COURSE)) {
                wrong.add(key
                        + (entry == null
                                ? " (no setting)"
                                : " (of kind " + entry.kind().name().toLowerCase(Locale.ROOT) + ")"));
            }
        }
        if (!wrong.isEmpty()) {
            throw new ConfigException(
                    "--change " + String.join(", ", wrong) + ": only settings that change the course of a"
                            + " run can be confirmed, such as objective.lossFactor or " + trainSection(stage)
                            + ".optimizer.learningRate");
        }
    }

    /** The section of the config with length and optimizer of a stage. */
    private static String trainSection(StageName stage) {
        String name = stage.toString();
        return "train" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    private static String lines(Iterable<Settings.Change> changes) {
        StringBuilder lines = new StringBuilder();
        changes.forEach(change -> lines.append("\n  ").append(change));
        return lines.toString();
    }

    /** The settings that a run never changes, for reports. */
    public Map<String, JsonNode> settings() {
        return Settings.identity(config, stage);
    }
}
