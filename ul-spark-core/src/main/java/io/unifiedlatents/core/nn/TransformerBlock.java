package io.unifiedlatents.core.nn;

import io.unifiedlatents.core.torchscript.Functions;
import io.unifiedlatents.core.torchscript.Initializer;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;
import java.util.List;

/**
 * Transformer block with adaptive layer norm: attention and a four times wider MLP, each scaled, shifted and gated by
 * the conditioning (Peebles and Xie 2023, adaLN-Zero); queries and keys are normalised, which keeps bf16 runs from
 * diverging. All gates start at zero, so the block starts as the identity.
 */
public final class TransformerBlock {
    private static final int MLP_RATIO = 4;

    private TransformerBlock() {}

    /**
     * Writes the block.
     *
     * @param x tokens [B, T, C]
     * @param heads attention heads; divides C
     * @param condition features [B, E]
     * @param dropout probability on both branches, in [0, 1)
     * @return [B, T, C]
     */
    public static Value apply(Scope s, Value x, int heads, Value condition, double dropout) {
        long width = x.extent(2);
        List<Value> modulation = Layers.linear(s.at("modulation"), condition, 6 * width, Initializer.ZEROS)
                .reshape(-1, 6, 1, width)
                .unbind(1); // [B, 1, C]
        Value h = modulated(Layers.layerNorm(s.at("norm1"), x), modulation.get(0), modulation.get(1));
        h = Functions.dropout(s, attention(s.at("attention"), h, heads), dropout);
        x = x.add(h.mul(modulation.get(2)));
        h = modulated(Layers.layerNorm(s.at("norm2"), x), modulation.get(3), modulation.get(4));
        h = Layers.linear(s.at("mlp.in"), h, MLP_RATIO * width).gelu();
        h = Functions.dropout(s, Layers.linear(s.at("mlp.out"), h, width), dropout);
        return x.add(h.mul(modulation.get(5)));
    }

    /** As many blocks one after another, with the same arguments; their scopes are numbered. */
    public static Value repeated(int blocks, Scope s, Value x, int heads, Value condition, double dropout) {
        for (int block = 0; block < blocks; block++) {
            x = apply(s.at(block), x, heads, condition, dropout);
        }
        return x;
    }

    private static Value modulated(Value x, Value scale, Value shift) {
        return x.mul(scale.add(1)).add(shift);
    }

    private static Value attention(Scope s, Value x, int heads) {
        long tokens = x.extent(1);
        long width = x.extent(2);
        List<Value> qkv = Layers.linear(s.at("qkv"), x, 3 * width)
                .reshape(-1, tokens, 3, heads, width / heads)
                .unbind(2); // [B, T, heads, d]
        Value q = Layers.layerNorm(s.at("normQ"), qkv.get(0)).permute(0, 2, 1, 3); // [B, heads, T, d]
        Value k = Layers.layerNorm(s.at("normK"), qkv.get(1)).permute(0, 2, 1, 3);
        Value v = qkv.get(2).permute(0, 2, 1, 3);
        Value mixed = Functions.attention(s, q, k, v).permute(0, 2, 1, 3).reshape(-1, tokens, width);
        return Layers.linear(s.at("out"), mixed, width);
    }
}
