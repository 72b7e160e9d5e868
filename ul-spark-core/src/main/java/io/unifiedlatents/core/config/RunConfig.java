package io.unifiedlatents.core.config;

import java.util.function.UnaryOperator;

/**
 * All settings of all jobs of one run. Every key has its default, with a comment, in {@code defaults.yaml}.
 *
 * @param runDirectory where the run keeps checkpoints, logs, exports, latents and reports; on any Hadoop file system
 * @param seed of every random number
 * @param prepare pictures → shards
 * @param data settings of reading shards
 * @param model shape of the samples that the networks are made for
 * @param encoder sizes of the encoder
 * @param prior sizes of the prior
 * @param decoder sizes of the decoder
 * @param base sizes of the base model
 * @param objective objectives of all stages
 * @param compute dtype, norm, device, threads
 * @param trainLatents length and optimizer of the joint training of encoder, prior and decoder
 * @param trainDecoder length and optimizer of the decoder on frozen latents
 * @param trainBase length and optimizer of the base model
 * @param sample settings of samples
 * @param evaluate settings of evaluations
 * @param cluster ranks and their sockets
 */
public record RunConfig(
        @Setting(Setting.Kind.FREE) String runDirectory,
        @Setting(Setting.Kind.IDENTITY) long seed,
        @Setting(Setting.Kind.FREE) PrepareConfig prepare,
        DataConfig data,
        @Setting(Setting.Kind.IDENTITY) SampleShape model,

        @Setting(value = Setting.Kind.IDENTITY, stages = StageName.LATENTS)
        EncoderConfig encoder,

        @Setting(value = Setting.Kind.IDENTITY, stages = StageName.LATENTS)
        PriorConfig prior,

        @Setting(
                value = Setting.Kind.IDENTITY,
                stages = {StageName.LATENTS, StageName.DECODER})
        DecoderConfig decoder,

        @Setting(value = Setting.Kind.IDENTITY, stages = StageName.BASE)
        BaseConfig base,

        ObjectiveConfig objective,
        ComputeConfig compute,

        @Setting(value = Setting.Kind.COURSE, stages = StageName.LATENTS)
        StageConfig trainLatents,

        @Setting(value = Setting.Kind.COURSE, stages = StageName.DECODER)
        StageConfig trainDecoder,

        @Setting(value = Setting.Kind.COURSE, stages = StageName.BASE)
        StageConfig trainBase,

        @Setting(Setting.Kind.FREE) SampleConfig sample,
        @Setting(Setting.Kind.FREE) EvaluateConfig evaluate,
        @Setting(Setting.Kind.FREE) ClusterConfig cluster) {
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
                model,
                encoder,
                prior,
                decoder,
                base,
                objective,
                compute,
                trainLatents.withPaths(map),
                trainDecoder.withPaths(map),
                trainBase.withPaths(map),
                sample,
                evaluate.withPaths(map),
                cluster);
    }

    /** Everything that fixes the networks' shapes. */
    public NetworksConfig networks() {
        return new NetworksConfig(model, encoder, prior, decoder, base);
    }

    /** Length and optimizer of a stage. */
    public StageConfig training(StageName stage) {
        return switch (stage) {
            case LATENTS -> trainLatents;
            case DECODER -> trainDecoder;
            case BASE -> trainBase;
        };
    }
}
