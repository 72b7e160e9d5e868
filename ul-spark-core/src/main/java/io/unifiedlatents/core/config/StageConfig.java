package io.unifiedlatents.core.config;

/**
 * The training of one stage.
 *
 * @param run length, batch, checkpoints
 * @param optimizer AdamW and EMA
 */
public record StageConfig(TrainConfig run, OptimizerConfig optimizer) {}
