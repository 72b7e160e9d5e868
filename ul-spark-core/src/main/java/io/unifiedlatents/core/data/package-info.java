/** Shards, manifests, the order of samples, and micro-batches read ahead of training. */
@NullMarked
package io.unifiedlatents.core.data;

import org.jspecify.annotations.NullMarked;
