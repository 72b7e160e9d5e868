package io.unifiedlatents.core.config;

import static io.unifiedlatents.core.config.Setting.Kind.COURSE;
import static io.unifiedlatents.core.config.Setting.Kind.FREE;
import static io.unifiedlatents.core.config.Setting.Kind.IDENTITY;

/**
 * The data that a training run reads.
 *
 * @param train directory of the training data set (holds {@code _manifest.json})
 * @param validation directory of the held-out data set
 * @param windowGroups row groups whose rows are shuffled together; each rank holds this many groups of encoded pictures
 *     in memory per micro-batch of a step
 * @param horizontalFlip whether half of the pictures, chosen by the seed, are mirrored left to right
 * @param decodeThreads threads per rank that decode pictures ahead of the training step
 */
public record DataConfig(
        @Setting(FREE) @PathSetting String train,
        @Setting(FREE) @PathSetting String validation,
        @Setting(IDENTITY) @Within("[1, ∞)") int windowGroups,
        @Setting(COURSE) boolean horizontalFlip,
        @Setting(FREE) @Within("[1, ∞)") int decodeThreads) {}
