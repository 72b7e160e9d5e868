package io.unifiedlatents.core.report;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A picture or clip of a page; the arrays are not copied.
 *
 * @param id of the sample
 * @param original uint8 RGB, row by row, the frames of a clip one after the other; null where there is none
 * @param picture the reconstruction or sample, likewise
 * @param psnr of {@code picture} against {@code original} in decibels; NaN where there is no original
 */
public record Shown(String id, byte @Nullable [] original, byte[] picture, double psnr) implements Serializable {}
