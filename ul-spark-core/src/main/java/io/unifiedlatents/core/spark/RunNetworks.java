package io.unifiedlatents.core.spark;

import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.EvaluateConfig;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.metrics.Reconstructor;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.sample.Exports;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Arrays;
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
    /** Encoder and prior of one export, the decoder of one that may be another. */
    static RunNetworks of(RunConfig config, Exports encoder, Exports decoder) {
        return new RunNetworks(
                ConfigLoader.yaml(config),
                Map.of(
                        Exports.ENCODER,
                                encoder.directory().path(Exports.ENCODER).toString(),
                        Exports.PRIOR, encoder.directory().path(Exports.PRIOR).toString(),
                        Exports.DECODER,
                                decoder.directory().path(Exports.DECODER).toString()));
    }

    RunConfig config() {
        return ConfigLoader.parse(configYaml);
    }

    /** Loads them; the caller closes the result. */
    Reconstructor open(Configuration hadoop) throws IOException {
        RunConfig config = config();
        EvaluateConfig evaluate = config.evaluate();
        return new Reconstructor(
                UnifiedLatents.of(config.model(), config.objective(), config.compute()),
                name -> open(Objects.requireNonNull(files.get(name)), hadoop),
                Devices.ofTask(config.compute()),
                config.seed(),
                evaluate.samplerSteps(),
                evaluate.timesPerImage());
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
                Arrays.copyOf(all.pixels(), ids.size()), Arrays.copyOf(all.bitsPerPixel(), ids.size()));
    }

    private static InputStream open(String file, Configuration hadoop) throws IOException {
        Path path = new Path(file);
        return path.getFileSystem(hadoop).open(path);
    }
}
