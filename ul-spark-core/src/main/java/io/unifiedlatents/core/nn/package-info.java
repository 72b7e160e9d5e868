/** Layers that two networks or more use, written over symbolic values. */
@NullMarked
package io.unifiedlatents.core.nn;

import org.jspecify.annotations.NullMarked;
