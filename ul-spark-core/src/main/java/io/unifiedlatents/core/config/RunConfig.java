package io.unifiedlatents.core.config;

import static io.unifiedlatents.core.config.Setting.Kind.COURSE;
import static io.unifiedlatents.core.config.Setting.Kind.FREE;
import static io.unifiedlatents.core.config.Setting.Kind.IDENTITY;
import static io.unifiedlatents.core.config.StageName.BASE;
import static io.unifiedlatents.core.config.StageName.DECODER;
import static io.unifiedlatents.core.config.StageName.LATENTS;

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
        @Setting(FREE) @PathSetting String runDirectory,
        @Setting(IDENTITY) long seed,
        @Setting(FREE) PrepareConfig prepare,
        DataConfig data,
        @Setting(IDENTITY) SampleShape model,
        @Setting(IDENTITY) @Stages(LATENTS) EncoderConfig encoder,
        @Setting(IDENTITY) @Stages(LATENTS) PriorConfig prior,
        @Setting(IDENTITY) @Stages({LATENTS, DECODER}) DecoderConfig decoder,
        @Setting(IDENTITY) @Stages(BASE) BaseConfig base,

        ObjectiveConfig objective,
        ComputeConfig compute,
        @Setting(COURSE) @Stages(LATENTS) StageConfig trainLatents,
        @Setting(COURSE) @Stages(DECODER) StageConfig trainDecoder,
        @Setting(COURSE) @Stages(BASE) StageConfig trainBase,

        @Setting(FREE) SampleConfig sample,
        @Setting(FREE) EvaluateConfig evaluate,
        @Setting(FREE) ClusterConfig cluster) {
    /** Checks what parts ask of each other. */
    public RunConfig {
        sample.require(base);
    }

    /** The same config with every path that is given mapped, as to absolute ones that executors understand. */
    public RunConfig withPaths(UnaryOperator<String> map) {
        return ConfigLoader.withPaths(this, map);
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
