package io.unifiedlatents.core.nn;

import io.unifiedlatents.core.config.NormKind;
import io.unifiedlatents.core.torchscript.Initializer;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Residual convolution block, x + conv(silu(norm(conv(silu(norm(x)))))), the second norm scaled and shifted by the
 * conditioning where there is one. The last convolution starts at zero, so the block starts as its shortcut.
 */
public final class ResBlock {
    private ResBlock() {}

    /**
     * Writes the block.
     *
     * @param x [B, in, n...]
     * @param out channels of the result; a convolution of single positions makes the shortcut where they change
     * @param condition features [B, E] of noise level or class, or null
     * @return [B, out, n...]
     */
    public static Value apply(Scope s, Value x, long out, NormKind norm, @Nullable Value condition) {
        Value h = Layers.conv(s.at("conv1"), Layers.norm(s.at("norm1"), x, norm).silu(), out, 3);
        h = Layers.norm(s.at("norm2"), h, norm);
        if (condition != null) {
            long[] scaleAndShift = new long[x.rank() + 1]; // [B, 2, out, 1, ...]
            Arrays.fill(scaleAndShift, 1);
            scaleAndShift[0] = -1;
            scaleAndShift[1] = 2;
            scaleAndShift[2] = out;
            List<Value> film = Layers.linear(s.at("film"), condition, 2 * out, Initializer.ZEROS)
                    .reshape(scaleAndShift)
                    .unbind(1); // [B, out, 1, ...]
            h = h.mul(film.get(0).add(1)).add(film.get(1));
        }
        h = Layers.conv(s.at("conv2"), h.silu(), out, 3, Initializer.ZEROS);
        Value shortcut = x.extent(1) == out ? x : Layers.conv(s.at("shortcut"), x, out, 1);
        return shortcut.add(h);
    }
}
