package io.unifiedlatents.tests;

import io.unifiedlatents.core.torchscript.Archive;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Functions;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.Initializer;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** A detector of six features that nobody trained: a convolution and a mean, always the same. */
public final class RandomDetector {
    private RandomDetector() {}

    /** Writes it as TorchScript: uint8 [B, 3, height, width] → features [B, 6] and, as logits, the same [B, 6]. */
    public static void write(Path file, int height, int width) throws IOException {
        ParameterLayout layout = new ParameterLayout();
        Graph graph = new Graph("forward", layout, DType.FLOAT32);
        Value pixels = graph.input("pixels", DType.UINT8, -1, 3, height, width);
        Scope s = graph.scope("detector");
        Value weight = s.parameter("weight", Initializer.fanIn(27), 6, 3, 3, 3);
        Value bias = s.parameter("bias", Initializer.ZEROS, 6);
        Value x = Functions.conv(s, pixels.to(DType.FLOAT32).mul(1 / 255.0), weight, bias, 2)
                .relu();
        Value features = x.mean(2, 3).reshape(-1, 6);
        graph.output(features, features);
        FloatBuffer weights = FloatBuffer.allocate((int) layout.size());
        layout.initialize(weights, 1);
        Files.write(file, Archive.withWeights(weights, graph).bytes());
    }
}
