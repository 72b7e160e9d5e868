/** NumPy's array files, .npy and .npz, read and written. */
@NullMarked
package io.unifiedlatents.core.numpy;

import org.jspecify.annotations.NullMarked;
