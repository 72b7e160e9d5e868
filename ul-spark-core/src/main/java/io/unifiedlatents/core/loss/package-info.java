/** The Unified Latents objective: prior loss (the KL term), decoder loss, bits per pixel (arXiv 2602.17270, Sec. 3). */
@NullMarked
package io.unifiedlatents.core.loss;

import org.jspecify.annotations.NullMarked;
