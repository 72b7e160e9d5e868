/** Samplers that turn noise and latents into pixels. */
@NullMarked
package io.unifiedlatents.core.sample;

import org.jspecify.annotations.NullMarked;
