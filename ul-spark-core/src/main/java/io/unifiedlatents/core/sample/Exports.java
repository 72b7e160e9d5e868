package io.unifiedlatents.core.sample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.unifiedlatents.core.checkpoint.CheckpointManifest;
import io.unifiedlatents.core.checkpoint.Checkpoints;
import io.unifiedlatents.core.checkpoint.RunIdentity;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.storage.PendingFile;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.torchscript.Archive;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.train.Objective;
import io.unifiedlatents.core.train.Vectors;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Models exported from a stage's checkpoints, {@code exports/<name of the checkpoint>/}: one TorchScript file for each
 * network, and {@value #INDEX}, written last, with their SHA-256. A checkpoint is exported once by each version of the
 * scripts: where the text of a script has changed, a new export lies beside the old one.
 *
 * @param directory where the files are
 * @param step of the checkpoint
 * @param sha256 of each file by its name
 * @param scripts SHA-256 of the text of each file's script by its name; empty for exports of version 0.1
 * @param identityHash of the run, see {@link io.unifiedlatents.core.checkpoint.RunIdentity}; empty likewise
 */
public record Exports(
        Storage directory, long step, Map<String, String> sha256, Map<String, String> scripts, String identityHash) {
    /** Pixels to latents. */
    public static final String ENCODER = "encoder.pt";
    /** Denoiser of latents. */
    public static final String PRIOR = "prior.pt";
    /** Denoiser of pixels and its sampler. */
    public static final String DECODER = "decoder.pt";
    /** Base model: denoiser of latents and its sampler. */
    public static final String BASE = "base.pt";

    /** Files of all networks. */
    public static final List<String> NETWORKS = List.of(ENCODER, PRIOR, DECODER, BASE);

    /** Parameters that a model may have to be exported: one buffer holds at most 2 GiB. */
    public static final long MAX_PARAMETERS = Integer.MAX_VALUE / 4;

    private static final String INDEX = "export.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The part of a layout whose network this file holds, as {@code encoder} of {@value #ENCODER}. */
    public static String part(String file) {
        return file.substring(0, file.lastIndexOf('.'));
    }

    /** Digest of one file. */
    public String hash(String file) {
        String hash = sha256.get(file);
        Check.argument(hash != null, "%s has no %s, only %s", directory, file, sha256.keySet());
        return java.util.Objects.requireNonNull(hash);
    }

    /**
     * The export of a checkpoint, made now where it is missing.
     *
     * @param stage directory of the stage
     * @param step of the checkpoint; 0 for the newest
     * @param name of the stage
     * @param objective that the stage trained: its layout names the networks to export
     * @throws io.unifiedlatents.core.config.ConfigException where the networks were trained with other settings
     */
    public static Exports of(Storage stage, long step, RunConfig config, StageName name, Objective objective)
            throws IOException {
        Checkpoints checkpoints = Checkpoints.at(stage);
        List<Long> committed = checkpoints.committed();
        Check.setting(
                step == 0 ? !committed.isEmpty() : committed.contains(step),
                "%s has no checkpoint of step %s; it has those of steps %s. Train first, or ask for one of these",
                stage,
                step == 0 ? "any" : step,
                committed);
        CheckpointManifest manifest =
                step == 0 ? checkpoints.newestReadable().orElseThrow() : checkpoints.manifest(step);
        RunIdentity.requireSameNetworks(manifest, config, name, stage.toString());
        return of(stage, checkpoints, manifest, config, objective);
    }

    private static Exports of(
            Storage stage, Checkpoints checkpoints, CheckpointManifest manifest, RunConfig config, Objective objective)
            throws IOException {
        Check.setting(
                manifest.layoutHash().equals(objective.layout().hash()),
                "checkpoint of step %d in %s holds another model than this config; use the config it was trained with",
                manifest.step(),
                stage);
        ModelExport export = new ModelExport(
                UnifiedLatents.of(config.networks(), config.objective(), config.compute()),
                DType.of(config.compute().dtype()));
        ParameterLayout layout = objective.layout();
        Map<String, String> scripts = new TreeMap<>();
        for (String file : NETWORKS) {
            if (layout.has(part(file))) {
                scripts.put(file, Hashes.sha256(export.script(file)));
            }
        }
        String folder = "exports/" + Checkpoints.directoryName(manifest);
        for (String candidate :
                List.of(folder, folder + "-" + Hashes.sha256(scripts.toString()).substring(0, 8))) {
            Storage directory = stage.directory(candidate);
            if (!directory.exists(INDEX)) {
                return write(directory, checkpoints, manifest, export, layout, scripts);
            }
            Exports there = read(directory);
            if (there.scripts.isEmpty() || there.scripts.equals(scripts)) {
                return there;
            }
        }
        throw new IllegalStateException("exports in " + stage + " have the name of others: " + scripts);
    }

    private static Exports write(
            Storage directory,
            Checkpoints checkpoints,
            CheckpointManifest manifest,
            ModelExport export,
            ParameterLayout layout,
            Map<String, String> scripts)
            throws IOException {
        long size = layout.size();
        Check.argument(
                size <= MAX_PARAMETERS, "%d parameters are more than one export holds, %d", size, MAX_PARAMETERS);
        ByteBuffer average = ByteBuffer.allocateDirect((int) (4 * size)).order(ByteOrder.nativeOrder());
        checkpoints.read(manifest, Vectors.AVERAGE, 0, size, FloatVector.of(average));
        FloatBuffer weights = average.asFloatBuffer();
        Map<String, String> sha256 = new LinkedHashMap<>();
        for (String file : scripts.keySet()) {
            sha256.put(file, write(directory, file, export.network(file, layout, weights)));
        }
        ObjectNode index = JSON.createObjectNode().put("step", manifest.step());
        sha256.forEach(index.putObject("sha256")::put);
        scripts.forEach(index.putObject("scripts")::put);
        index.put("identityHash", manifest.identityHash());
        directory.publish(INDEX, index.toPrettyString());
        return new Exports(directory, manifest.step(), sha256, scripts, manifest.identityHash());
    }

    private static Exports read(Storage directory) throws IOException {
        JsonNode index = JSON.readTree(directory.readText(INDEX));
        return new Exports(
                directory,
                index.get("step").asLong(),
                texts(index.path("sha256")),
                texts(index.path("scripts")),
                index.path("identityHash").asText());
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new TreeMap<>();
        object.fields()
                .forEachRemaining(
                        field -> texts.put(field.getKey(), field.getValue().asText()));
        return texts;
    }

    private static String write(Storage directory, String name, Archive archive) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (PendingFile file = directory.begin(name); // others may export the same, or read an export of it
                    OutputStream out = new DigestOutputStream(file, digest)) {
                archive.writeTo(out);
                file.commit();
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
