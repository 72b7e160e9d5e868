/** Checkpoints of a data-parallel run: shards written by every rank, committed by one manifest. */
@NullMarked
package io.unifiedlatents.core.checkpoint;

import org.jspecify.annotations.NullMarked;
