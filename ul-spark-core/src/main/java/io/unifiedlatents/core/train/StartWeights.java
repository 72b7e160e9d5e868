package io.unifiedlatents.core.train;

import io.unifiedlatents.core.checkpoint.CheckpointHeader;
import io.unifiedlatents.core.checkpoint.CheckpointManifest;
import io.unifiedlatents.core.checkpoint.Checkpoints;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.TrainConfig;
import io.unifiedlatents.core.storage.SafeTensors;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * Weights of another run, or of a safetensors file, that a new run starts from. Parameters are matched by name; of a
 * checkpoint its moving average is taken.
 */
public final class StartWeights {
    private static final String SAFETENSORS = ".safetensors";

    /** Reads one parameter, row-major. */
    private interface Reader {
        void read(String name, FloatVector into) throws IOException;
    }

    /** Parameters that are stored: their extents by name, and how they are read. */
    private record Source(Map<String, List<Long>> shapes, Reader reader) {}

    private final String path;
    private final List<ParameterLayout.Entry> taken;
    private final Reader reader;

    private StartWeights(String path, List<ParameterLayout.Entry> taken, Reader reader) {
        this.path = path;
        this.taken = taken;
        this.reader = reader;
    }

    /**
     * Opens the weights that a config names.
     *
     * @param layout parameters of the new run
     * @return null where {@code run.startFrom} is empty
     * @throws ConfigException listing every parameter that {@code run.startFromNames} matches and that is missing there
     *     or has another shape
     */
    public static @Nullable StartWeights open(TrainConfig run, ParameterLayout layout, Configuration hadoop)
            throws IOException {
        String path = run.startFrom();
        if (path.isEmpty()) {
            return null;
        }
        Path file = new Path(path);
        Storage parent =
                Storage.at(Objects.requireNonNull(file.getParent(), path).toString(), hadoop);
        Source source = file.getName().endsWith(SAFETENSORS)
                ? ofFile(parent, file.getName())
                : ofCheckpoint(parent, file.getName());
        return new StartWeights(path, matched(run, layout, source.shapes), source.reader);
    }

    private static List<ParameterLayout.Entry> matched(
            TrainConfig run, ParameterLayout layout, Map<String, List<Long>> there) {
        Pattern names = Pattern.compile(run.startFromNames());
        List<ParameterLayout.Entry> taken = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        for (ParameterLayout.Entry entry : layout.entries()) {
            if (!names.matcher(entry.name()).matches()) {
                continue;
            }
            List<Long> shape = there.get(entry.name());
            if (shape == null) {
                faults.add(entry.name() + " is not there");
            } else if (!shape.equals(entry.shape())) {
                faults.add(entry.name() + " has shape " + shape + " there and " + entry.shape() + " here");
            } else {
                taken.add(entry);
            }
        }
        if (!faults.isEmpty()) {
            throw new ConfigException("run.startFrom=" + run.startFrom() + " does not fit the parameters that"
                    + " run.startFromNames='" + run.startFromNames() + "' names:\n  " + String.join("\n  ", faults)
                    + "\nName fewer parameters, or use the settings of that run.");
        }
        Check.setting(
                !taken.isEmpty(),
                "run.startFromNames='%s' matches none of the %d parameters, such as %s",
                run.startFromNames(),
                layout.entries().size(),
                layout.entries().get(0).name());
        return taken;
    }

    private static Source ofFile(Storage directory, String name) throws IOException {
        Map<String, List<Long>> shapes = new HashMap<>();
        try (SafeTensors file = SafeTensors.open(directory, name)) {
            file.tensors().forEach((tensor, description) -> shapes.put(tensor, description.shape()));
        }
        return new Source(shapes, (tensor, into) -> {
            try (SafeTensors file = SafeTensors.open(directory, name)) {
                file.read(tensor, 0, into.size(), into.slices());
            }
        });
    }

    private static Source ofCheckpoint(Storage parent, String name) throws IOException {
        Checkpoints checkpoints = Checkpoints.in(parent);
        CheckpointManifest manifest = checkpoints
                .named(name)
                .orElseThrow(() -> new ConfigException("run.startFrom=" + parent.path(name)
                        + " is neither a checkpoint, a directory named step-<12 digits>-<writer>, nor a " + SAFETENSORS
                        + " file"));
        Check.setting(
                !manifest.parameters().isEmpty(),
                "run.startFrom=%s was written by a version that did not record the names of parameters; resume that run"
                        + " with this version, and start from a checkpoint that it writes then",
                parent.path(name));
        Map<String, List<Long>> shapes = new HashMap<>();
        Map<String, Long> offsets = new HashMap<>();
        long offset = 0;
        for (CheckpointHeader.Parameter parameter : manifest.parameters()) {
            shapes.put(parameter.name(), parameter.shape());
            offsets.put(parameter.name(), offset);
            offset += parameter.size();
        }
        return new Source(shapes, (parameter, into) -> {
            long begin = Objects.requireNonNull(offsets.get(parameter));
            checkpoints.read(manifest, Vectors.AVERAGE, begin, begin + into.size(), into);
        });
    }

    /** Checkpoint or file that the weights are of. */
    public String path() {
        return path;
    }

    /** Number of parameters that are taken. */
    public int parameters() {
        return taken.size();
    }

    /** Writes the parameters that are taken onto their places in a flat vector of the layout; others stay. */
    void read(FloatVector parameters) throws IOException {
        for (ParameterLayout.Entry entry : taken) {
            reader.read(entry.name(), parameters.range(entry.offset(), entry.end()));
        }
    }
}
