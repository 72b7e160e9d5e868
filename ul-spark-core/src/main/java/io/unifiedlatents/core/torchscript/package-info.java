/**
 * Networks written in Java and run by libtorch: symbolic graphs with checked shapes become TorchScript archives, which
 * {@link io.unifiedlatents.core.torchscript.Program} loads and calls. No other package uses {@code ai.djl.pytorch}.
 */
@NullMarked
package io.unifiedlatents.core.torchscript;

import org.jspecify.annotations.NullMarked;
