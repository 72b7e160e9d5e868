package io.unifiedlatents.core.config;

/**
 * How one stage is trained.
 *
 * @param run length, batch, checkpoints
 * @param optimizer AdamW and EMA
 */
public record StageConfig(TrainConfig run, OptimizerConfig optimizer) {}
