/** The networks of Unified Latents, one file each, and the whole that is trained jointly. */
@NullMarked
package io.unifiedlatents.core.model;

import org.jspecify.annotations.NullMarked;
