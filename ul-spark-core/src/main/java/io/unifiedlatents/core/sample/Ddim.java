package io.unifiedlatents.core.sample;

import io.unifiedlatents.core.schedule.NoiseLevel;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.Value;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * DDIM without noise (Song et al. 2021, arXiv 2010.02502): x̂ = α_s x − σ_s v̂, ε̂ = (x − α_s x̂) / σ_s, then x ← α_t
 * x̂ + σ_t ε̂. A row is {λ_s, α_s, σ_s, α_t, σ_t}, going from s to the cleaner t.
 */
public record Ddim() implements DiffusionSampler {
    @Override
    public String method() {
        return "sample";
    }

    @Override
    public String description() {
        return "DDIM, first order, uniform in time";
    }

    @Override
    public int columns() {
        return 5;
    }

    @Override
    public void row(float[] row, int at, NoiseLevel before, NoiseLevel from, @Nullable NoiseLevel to) {
        row[at] = (float) from.logSnr();
        row[at + 1] = (float) from.alpha();
        row[at + 2] = (float) from.sigma();
        row[at + 3] = to == null ? 1 : (float) to.alpha();
        row[at + 4] = to == null ? 0 : (float) to.sigma();
    }

    @Override
    public Value write(Graph graph, Value noise, Value rows, Velocity velocity, UnaryOperator<Value> kept) {
        return graph.loop(rows, noise, (i, row, x) -> {
            Value alpha = row.select(0, 1);
            Value sigma = row.select(0, 2);
            Value v = velocity.apply(i, x, row.select(0, 0).forEachSample(noise));
            Value clean = kept.apply(x.mul(alpha).sub(v.mul(sigma)));
            Value epsilon = x.sub(clean.mul(alpha)).div(sigma);
            return clean.mul(row.select(0, 3)).add(epsilon.mul(row.select(0, 4)));
        });
    }
}
