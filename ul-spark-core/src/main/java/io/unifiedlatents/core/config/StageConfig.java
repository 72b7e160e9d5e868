package io.unifiedlatents.core.config;

import java.util.function.UnaryOperator;

/**
 * How one stage is trained.
 *
 * @param run length, batch, checkpoints
 * @param optimizer AdamW and EMA
 */
public record StageConfig(TrainConfig run, OptimizerConfig optimizer) {
    /** The same with every path mapped. */
    StageConfig withPaths(UnaryOperator<String> map) {
        return new StageConfig(run.withPaths(map), optimizer);
    }
}
