package io.unifiedlatents.core.sample;

import io.unifiedlatents.core.schedule.NoiseLevel;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.Value;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * DPM-Solver++(2M), a multistep solver of second order for predictions of the data (Lu et al. 2022, arXiv 2211.01095,
 * Algorithm 2): with h = (λ_t − λ_s) / 2, r = h_before / h and x̂ = α_s x − σ_s v̂, x ← (σ_t / σ_s) x + α_t (1 − e⁻ʰ)
 * (x̂ + (x̂ − x̂_before) / (2r)). The first step, and a last one to clean data, are of first order. A row is {λ_s, α_s,
 * σ_s, σ_t / σ_s, α_t (1 − e⁻ʰ), 1 / (2r)}.
 */
public record DpmSolver2M() implements DiffusionSampler {
    @Override
    public String method() {
        return "sample_dpm_solver_2m";
    }

    @Override
    public String description() {
        return "DPM-Solver++(2M), second order, uniform in time";
    }

    @Override
    public int columns() {
        return 6;
    }

    @Override
    public void row(float[] row, int at, NoiseLevel before, NoiseLevel from, @Nullable NoiseLevel to) {
        row[at] = (float) from.logSnr();
        row[at + 1] = (float) from.alpha();
        row[at + 2] = (float) from.sigma();
        if (to == null) { // σ_t = 0 and α_t = 1: the prediction itself
            row[at + 4] = 1;
            return;
        }
        double h = (to.logSnr() - from.logSnr()) / 2;
        double hBefore = (from.logSnr() - before.logSnr()) / 2;
        row[at + 3] = (float) (to.sigma() / from.sigma());
        row[at + 4] = (float) (to.alpha() * -Math.expm1(-h));
        row[at + 5] = hBefore == 0 ? 0 : (float) (h / (2 * hBefore));
    }

    @Override
    public Value write(Graph graph, Value noise, Value rows, Velocity velocity, UnaryOperator<Value> kept) {
        return graph.loop(rows, List.of(noise, noise.filledWith(0)), (i, row, variables) -> {
                    Value x = variables.get(0);
                    Value before = variables.get(1);
                    Value v = velocity.apply(i, x, row.select(0, 0).forEachSample(noise));
                    Value clean = kept.apply(x.mul(row.select(0, 1)).sub(v.mul(row.select(0, 2))));
                    Value extrapolated = clean.add(clean.sub(before).mul(row.select(0, 5)));
                    Value next = x.mul(row.select(0, 3)).add(extrapolated.mul(row.select(0, 4)));
                    return List.of(next, clean);
                })
                .get(0);
    }
}
