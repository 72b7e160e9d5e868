/** Temporary. */
@NullMarked
package io.unifiedlatents.core.collective;

import org.jspecify.annotations.NullMarked;
