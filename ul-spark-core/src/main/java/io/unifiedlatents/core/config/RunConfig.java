package io.unifiedlatents.core.config;

import java.util.function.UnaryOperator;

/**
 * All settings of all jobs of one run. Every key has its default, with a comment, in {@code defaults.yaml}.
 *
 * @param runDirectory where the run keeps checkpoints, logs, exports, latents and reports; on any Hadoop file system
 * @param seed of every random number
 * @param prepare pictures → shards
 * @param data how training reads shards
 * @param encoder sizes of the encoder
 * @param prior sizes of the prior
 * @param decoder sizes of the decoder
 * @param base sizes of the base model
 * @param objective stage 1's bound
 * @param compute dtype, norm, device, threads
 * @param trainLatents length and optimizer of stage 1
 * @param trainDecoder length and optimizer of the decoder of stage 2
 * @param trainBase length and optimizer of the base model
 * @param sample what is sampled
 * @param evaluate what is measured
 * @param cluster ranks and their sockets
 */
public record RunConfig(
        String runDirectory,
        long seed,
        PrepareConfig prepare,
        DataConfig data,
        EncoderConfig encoder,
        PriorConfig prior,
        DecoderConfig decoder,
        BaseConfig base,
        ObjectiveConfig objective,
        ComputeConfig compute,
        StageConfig trainLatents,
        StageConfig trainDecoder,
        StageConfig trainBase,
        SampleConfig sample,
        EvaluateConfig evaluate,
        ClusterConfig cluster) {
    /** Checks what parts ask of each other. */
    public RunConfig {
        sample.require(base);
    }

    /** The same config with every path mapped, as to absolute ones that executors understand. */
    public RunConfig withPaths(UnaryOperator<String> map) {
        return new RunConfig(
                map.apply(runDirectory),
                seed,
                prepare.withPaths(map),
                data.withPaths(map),
                encoder,
                prior,
                decoder,
                base,
                objective,
                compute,
                trainLatents,
                trainDecoder,
                trainBase,
                sample,
                evaluate.withPaths(map),
                cluster);
    }

    /** The sizes that fix the networks' shapes. */
    public ModelConfig model() {
        return new ModelConfig(prepare.resolution(), encoder, prior, decoder, base);
    }
}
