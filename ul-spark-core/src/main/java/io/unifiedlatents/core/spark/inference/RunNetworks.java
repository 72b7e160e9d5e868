package io.unifiedlatents.core.spark.inference;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.EvaluateConfig;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.SamplerKind;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.judge.Reconstructor;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.sample.LoadedNetworks;
import io.unifiedlatents.core.spark.cluster.Devices;
import java.io.IOException;
import java.io.InputStream;
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
public record RunNetworks(String configYaml, Map<String, String> files) implements Serializable {
    /** Networks by their names, each of the export that has it. */
    public static RunNetworks of(RunConfig config, Map<String, Exports> exports) {
        Map<String, String> files = new HashMap<>();
        exports.forEach((name, of) -> {
            Check.setting(
                    !of.scripts().isEmpty()
                            || (config.sample().sampler() == SamplerKind.DDIM
                                    && config.evaluate().sampler() == SamplerKind.DDIM),
                    "%s was exported by version 0.1, whose networks sample by ddim alone; leave sample.sampler and"
                            + " evaluate.sampler at ddim, or train a step more, which exports the networks again",
                    of.directory().path(name));
            files.put(name, of.directory().path(name).toString());
        });
        return new RunNetworks(ConfigLoader.yaml(config), files);
    }

    public RunConfig config() {
        return ConfigLoader.parse(configYaml);
    }

    /** Loads all of them on the device of this task; the caller closes the result. */
    public LoadedNetworks load(Configuration hadoop) throws IOException {
        return LoadedNetworks.load(name -> open(name, hadoop), Devices.ofTask(config().compute()), files.keySet());
    }

    /** The file of one of them, closed by the receiver. */
    public InputStream open(String name, Configuration hadoop) throws IOException {
        Path path = new Path(Objects.requireNonNull(files.get(name), name));
        return path.getFileSystem(hadoop).open(path);
    }

    /** The model that they are of. */
    UnifiedLatents model() {
        RunConfig config = config();
        return UnifiedLatents.of(config.networks(), config.objective(), config.compute());
    }

    /** A reconstructor over the loaded networks, with the settings of {@code evaluate}. */
    public Reconstructor reconstructor(LoadedNetworks loaded) {
        EvaluateConfig evaluate = config().evaluate();
        return new Reconstructor(
                model(),
                loaded,
                config().seed(),
                evaluate.sampler(),
                evaluate.samplerSteps(),
                evaluate.timesPerImage());
    }

    /**
     * Reconstructs pictures in the one shape that all batches have: a smaller one is filled up with black pictures
     * whose results are dropped, so that what a picture gives does not depend on how many there are.
     */
    public static Reconstructor.Result reconstruct(
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
