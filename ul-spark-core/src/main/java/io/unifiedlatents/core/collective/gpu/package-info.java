/** The collective over NCCL, and float32 vectors in the memory of a GPU through the CUDA runtime. */
@NullMarked
package io.unifiedlatents.core.collective.gpu;

import org.jspecify.annotations.NullMarked;
