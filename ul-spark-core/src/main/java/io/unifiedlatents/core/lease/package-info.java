/** Leases on directories, so that one job at a time writes to each, and the order of those that wrote. */
@NullMarked
package io.unifiedlatents.core.lease;

import org.jspecify.annotations.NullMarked;
