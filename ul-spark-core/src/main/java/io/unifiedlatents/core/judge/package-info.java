/** Evaluation of our own networks on held-out pictures: reconstructions, bits per pixel and samples. */
@NullMarked
package io.unifiedlatents.core.judge;

import org.jspecify.annotations.NullMarked;
