package io.unifiedlatents.core.metrics;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.torchscript.Archive;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Program;
import io.unifiedlatents.core.torchscript.Torch;

/**
 * Fréchet distance of two Gaussians, ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½) (Heusel et al. 2017, Eq. 6), with tr (Σ₁
 * Σ₂)^½ = tr (Σ₁^½ Σ₂ Σ₁^½)^½ from two symmetric eigendecompositions in float64: no complex numbers, and no matrix root
 * that fails on singular covariances.
 */
public final class FrechetDistance {
    private FrechetDistance() {}

    /** The distance between the Gaussians fitted to two sets of features; at least 0 but for rounding. */
    public static double between(FeatureStats a, FeatureStats b) {
        try (Program program = Program.load(Archive.of(script()), Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray[] inputs = {
                manager.create(a.mean()), covariance(manager, a), manager.create(b.mean()), covariance(manager, b)
            };
            return program.call("frechet", manager, inputs).singletonOrThrow().getDouble();
        }
    }

    private static NDArray covariance(NDManager manager, FeatureStats stats) {
        return manager.create(stats.covariance(), new Shape(stats.dimensions(), stats.dimensions()));
    }

    private static Graph script() {
        Graph graph = new Graph("frechet", new ParameterLayout(), DType.FLOAT32);
        for (String name : new String[] {"m1", "s1", "m2", "s2"}) {
            graph.input(name, DType.FLOAT64, 0);
        }
        graph.line("e, q = torch.linalg_eigh(s1, \"L\")");
        graph.line("r = torch.matmul(torch.mul(q, torch.sqrt(torch.clamp(e, 0., None))), torch.t(q))");
        graph.line("m = torch.matmul(torch.matmul(r, s2), r)");
        graph.line("f = torch.linalg_eigvalsh(torch.mul(torch.add(m, torch.t(m)), 0.5), \"L\")");
        graph.line("t = torch.sum(torch.sqrt(torch.clamp(f, 0., None)))");
        graph.line("y = torch.sub(torch.add(torch.add(torch.sum(torch.square(torch.sub(m1, m2))), torch.trace(s1)), "
                + "torch.trace(s2)), torch.mul(t, 2.))");
        graph.output(graph.named("y", DType.FLOAT64));
        return graph;
    }
}
