/**
 * Detector networks read from TorchScript files: resizing, calling conventions, feature extraction and perceptual
 * distance.
 */
@NullMarked
package io.unifiedlatents.core.metrics.detector;

import org.jspecify.annotations.NullMarked;
