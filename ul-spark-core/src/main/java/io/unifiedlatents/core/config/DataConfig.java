package io.unifiedlatents.core.config;

import java.util.function.UnaryOperator;

/**
 * What a training run reads.
 *
 * @param train directory of the training data set (holds {@code _manifest.json})
 * @param validation directory of the held-out data set
 * @param windowGroups row groups whose rows are shuffled together; each rank holds this many groups of encoded pictures
 *     in memory per micro-batch of a step
 * @param horizontalFlip whether half of the pictures, chosen by the seed, are mirrored left to right
 * @param decodeThreads threads per rank that decode pictures ahead of the training step
 */
public record DataConfig(
        @Setting(Setting.Kind.FREE) String train,
        @Setting(Setting.Kind.FREE) String validation,
        @Setting(Setting.Kind.IDENTITY) int windowGroups,
        @Setting(Setting.Kind.COURSE) boolean horizontalFlip,
        @Setting(Setting.Kind.FREE) int decodeThreads) {
    /** Checks each setting. */
    public DataConfig {
        Check.setting(!train.isBlank(), "train is empty; name the directory of the training data set");
        Check.setting(!validation.isBlank(), "validation is empty; name the directory of the held-out data set");
        Check.setting(windowGroups > 0, "windowGroups=%d must be positive", windowGroups);
        Check.setting(decodeThreads > 0, "decodeThreads=%d must be positive", decodeThreads);
    }

    /** The same with every path mapped. */
    DataConfig withPaths(UnaryOperator<String> map) {
        return new DataConfig(map.apply(train), map.apply(validation), windowGroups, horizontalFlip, decodeThreads);
    }
}
