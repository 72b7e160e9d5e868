/**
 * Sums, gathers and broadcasts of long float32 vectors among the ranks of a run; the subpackages send them over TCP and
 * by NCCL.
 */
@NullMarked
package io.unifiedlatents.core.collective;

import org.jspecify.annotations.NullMarked;
