package io.unifiedlatents.core.spark;

import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.EvaluateConfig;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.metrics.Reconstructor;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.sample.NetworkSource;
import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The exported networks of a run, as tasks open them.
 *
 * @param configYaml resolved config
 * @param files path of each network by its name
 */
record RunNetworks(String configYaml, Map<String, String> files) implements Serializable {
    /** Networks by their names, each of the export that has it. */
    static RunNetworks of(RunConfig config, Map<String, Exports> exports) {
        Map<String, String> files = new HashMap<>();
        exports.forEach((name, of) -> files.put(name, of.directory().path(name).toString()));
        return new RunNetworks(ConfigLoader.yaml(config), files);
    }

    RunConfig config() {
        return ConfigLoader.parse(configYaml);
    }

    /** Loads those that reconstruct; the caller closes the result. */
    Reconstructor open(Configuration hadoop) throws IOException {
        RunConfig config = config();
        EvaluateConfig evaluate = config.evaluate();
        return new Reconstructor(
                UnifiedLatents.of(config.model(), config.objective(), config.compute()),
                source(hadoop),
                Devices.ofTask(config.compute()),
                config.seed(),
                evaluate.samplerSteps(),
                evaluate.timesPerImage(),
                files.containsKey(Exports.BASE));
    }

    /** The files of the networks. */
    NetworkSource source(Configuration hadoop) {
        return name -> {
            Path path = new Path(Objects.requireNonNull(files.get(name), name));
            return path.getFileSystem(hadoop).open(path);
        };
    }

    /**
     * Reconstructs pictures in the one shape that all batches have: a smaller one is filled up with black pictures
     * whose results are dropped, so that what a picture gives does not depend on how many there are.
     */
    static Reconstructor.Result reconstruct(
            Reconstructor reconstructor, List<String> ids, List<Rgb> pictures, int batch) {
        String[] names = Arrays.copyOf(ids.toArray(new String[0]), batch);
        Arrays.fill(names, ids.size(), batch, "");
        ByteBuffer bytes = ByteBuffer.allocateDirect(batch * pictures.get(0).pixels().length);
        pictures.forEach(picture -> bytes.put(picture.pixels()));
        bytes.clear();
        Reconstructor.Result all = reconstructor.reconstruct(names, bytes);
        return new Reconstructor.Result(
                Arrays.copyOf(all.pixels(), ids.size()),
                Arrays.copyOf(all.bitsPerPixel(), ids.size()),
                Arrays.copyOf(all.baseBitsPerPixel(), ids.size()));
    }
}
