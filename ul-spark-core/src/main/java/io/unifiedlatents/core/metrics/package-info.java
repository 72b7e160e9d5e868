/** Mergeable statistics and the figures computed from them. */
@NullMarked
package io.unifiedlatents.core.metrics;

import org.jspecify.annotations.NullMarked;
