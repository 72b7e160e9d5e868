/**
 * Sums, gathers and broadcasts of long float32 vectors among the ranks of a run, over TCP, by NCCL or within one
 * process.
 */
@NullMarked
package io.unifiedlatents.core.collective;

import org.jspecify.annotations.NullMarked;
