/** Training steps and the loop that runs them on every rank. */
@NullMarked
package io.unifiedlatents.core.train;

import org.jspecify.annotations.NullMarked;
