/** Seeds keyed by run seed, purpose and position, never by rank, so that N ranks draw what one rank would draw. */
@NullMarked
package io.unifiedlatents.core.random;

import org.jspecify.annotations.NullMarked;
