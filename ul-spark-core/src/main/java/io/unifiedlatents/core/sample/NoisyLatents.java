package io.unifiedlatents.core.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.torchscript.Archive;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Program;
import io.unifiedlatents.core.torchscript.Value;

/** Clean latents to the noisy latents z0 that the decoder sees, by the formula that training uses. */
public final class NoisyLatents {
    private static final String METHOD = "noisy";

    private final Program program;

    /** Takes the latent noise of a model; closed together with the networks. */
    public NoisyLatents(UnifiedLatents model, LoadedNetworks networks) {
        Graph graph = new Graph(METHOD, new ParameterLayout(), DType.FLOAT32);
        long[] latent = model.config().latent().networkBatch();
        Value z = graph.input("z", DType.FLOAT32, latent);
        Value noise = graph.input("noise", DType.FLOAT32, latent);
        graph.output(model.latentNoise().noisy(z, noise));
        this.program = Program.load(Archive.of(graph), networks.device());
        networks.onClose(program::close);
    }

    /**
     * Adds the noise.
     *
     * @param z clean latents, float32 [B, C, h, w]
     * @param noise standard normal, of the same shape
     * @return z0, owned by {@code call}
     */
    public NDArray of(NDManager call, NDArray z, NDArray noise) {
        return program.call(METHOD, call, z, noise).singletonOrThrow();
    }
}
