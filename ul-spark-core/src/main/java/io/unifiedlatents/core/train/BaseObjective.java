package io.unifiedlatents.core.train;

import io.unifiedlatents.core.config.BaseConfig;
import io.unifiedlatents.core.config.ConditionConfig;
import io.unifiedlatents.core.config.ObjectiveConfig;
import io.unifiedlatents.core.loss.BaseLoss;
import io.unifiedlatents.core.loss.Bits;
import io.unifiedlatents.core.loss.Diffusion;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.schedule.Weighting;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Functions;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;
import java.util.Arrays;
import java.util.List;

/**
 * Stage 2 of the base model: a diffusion model of frozen clean latents down to the fixed noise of the latent (Unified
 * Latents, Sec. 3.3). Pixels are not read.
 */
public final class BaseObjective {
    private static final String TIME = "time of the base model";

    private BaseObjective() {}

    /** The objective of a model; {@code seed} is the run's. */
    public static Objective of(UnifiedLatents model, ObjectiveConfig config, DType compute, long seed) {
        ParameterLayout layout = new ParameterLayout();
        BaseConfig base = model.config().base();
        return new Objective(
                write(new Graph(Objective.METHOD, layout, compute), model),
                layout,
                List.of("loss", "bitsPerPixel"),
                List.of( // the same times, weighted in two ways
                        new Objective.Level(model.latentSchedule(), Weighting.sigmoid(1, config.baseBias()), TIME),
                        new Objective.Level(model.latentSchedule(), Weighting.elbo(), TIME)),
                false,
                Arrays.stream(model.config().latent().networkBatch()).boxed().toList(),
                base.condition() instanceof ConditionConfig.ClassLabel label
                        ? new Objective.Classes(label.classes(), label.dropout())
                        : null,
                0,
                seed);
    }

    private static Graph write(Graph graph, UnifiedLatents model) {
        graph.parametersFromArgument("parameters");
        Value gradient = graph.input("gradient", DType.FLOAT32, 0);
        Value z = graph.input("latents", DType.FLOAT32, model.config().latent().networkBatch());
        Value labels =
                model.config().base().condition().classCount() == 0 ? null : graph.input("labels", DType.INT64, -1);
        Value coefficients = graph.input("coefficients", DType.FLOAT32, -1, 2 * Diffusion.COLUMNS);
        Value scalars = graph.input("scalars", DType.FLOAT32, 2);
        Scope s = graph.scope("objective");
        Functions.seed(s, graph.input("seeds", DType.INT64, 1));

        BaseLoss terms = BaseLoss.of(
                graph.scope("base"),
                model.base().of(labels),
                z,
                Functions.normalLike(s, z),
                Diffusion.columns(coefficients, 0),
                Diffusion.columns(coefficients, Diffusion.COLUMNS),
                model.latentSchedule().logSnr(1));
        double bits = Bits.perPixel(model.config().sample());
        Value loss = terms.loss().mul(bits); // [B]
        graph.accumulateGradient(loss.sum().mul(scalars.select(0, 0)), gradient);
        Value bound = terms.bound().mul(bits); // [B]
        graph.output(Functions.concat(s, 1, loss.reshape(-1, 1), bound.reshape(-1, 1))
                .detach());
        return graph;
    }
}
