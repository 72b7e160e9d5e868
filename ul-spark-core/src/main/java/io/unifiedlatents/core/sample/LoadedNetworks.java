package io.unifiedlatents.core.sample;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.torchscript.Program;
import io.unifiedlatents.core.torchscript.Torch;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Exported networks on a device, closed together. */
public final class LoadedNetworks implements AutoCloseable {
    private final Map<String, Program> programs = new LinkedHashMap<>();
    private final List<Runnable> closings = new ArrayList<>();
    private final Device device;
    private final NDManager manager;

    private LoadedNetworks(Device device) {
        this.device = device;
        this.manager = Torch.newManager(device);
    }

    /**
     * Loads networks; where one of them fails, none stays.
     *
     * @param names of {@link Exports}
     */
    public static LoadedNetworks load(NetworkSource source, Device device, Collection<String> names)
            throws IOException {
        LoadedNetworks networks = new LoadedNetworks(device);
        try {
            for (String name : names) {
                try (InputStream in = source.open(name)) {
                    networks.programs.put(name, Program.load(in, device));
                }
            }
            return networks;
        } catch (IOException | RuntimeException e) {
            networks.close();
            throw e;
        }
    }

    /** Whether a network is loaded. */
    public boolean has(String name) {
        return programs.containsKey(name);
    }

    /** A network that is loaded; stays owned by this. */
    public Program get(String name) {
        Program program = programs.get(name);
        Check.argument(program != null, "%s is not loaded, only %s", name, programs.keySet());
        return Objects.requireNonNull(program);
    }

    /** The device of all of them. */
    Device device() {
        return device;
    }

    /** Runs something when the networks are closed, such as closing what works with them. */
    public void onClose(Runnable closing) {
        closings.add(closing);
    }

    /** For the arrays of one call; the caller closes it. */
    public NDManager newManager() {
        return manager.newSubManager();
    }

    @Override
    public void close() {
        closings.forEach(Runnable::run);
        programs.values().forEach(Program::close);
        manager.close();
    }
}
