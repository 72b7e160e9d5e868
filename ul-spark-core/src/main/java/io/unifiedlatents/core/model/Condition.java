package io.unifiedlatents.core.model;

import io.unifiedlatents.core.config.SampleConfig;
import io.unifiedlatents.core.data.MicroBatch;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.HostTensor;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;

/**
 * A condition of a network besides the noise level, such as the class of a sample: an input with its values in training
 * and sampling, its value for "none" (unconditional), and its embedding.
 */
public interface Condition {
    /** Name of the input. */
    String name();

    /** Element type of the input. */
    DType dtype();

    /** Extents of the input behind the batch axis; empty for one number a sample. */
    long[] shape();

    /**
     * Writes the features that the network adds to those of the noise level.
     *
     * @param values of the input, [B, shape…]
     * @return [B, width] in the compute type
     */
    Value embed(Scope s, Value values, long width);

    /**
     * Values in training: those of the samples, with "none" for a fraction of them that the seed chooses.
     *
     * @param seed of the run
     */
    HostTensor training(MicroBatch batch, long seed);

    /** The value "none" for this many samples, to measure bits. */
    HostTensor none(int samples);

    /** As {@link #none(int)}, in a script: of the shape of other values, for classifier-free guidance. */
    Value none(Value values);

    /** Values of new samples by their numbers, as a config asks for them. */
    HostTensor sampled(long[] numbers, SampleConfig config);
}
