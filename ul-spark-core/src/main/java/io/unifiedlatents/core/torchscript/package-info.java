/**
 * Java writes the network, libtorch runs it: symbolic graphs with shape checking become TorchScript archives, which
 * {@link io.unifiedlatents.core.torchscript.Program} loads and calls. The only user of {@code ai.djl.pytorch}.
 */
@NullMarked
package io.unifiedlatents.core.torchscript;

import org.jspecify.annotations.NullMarked;
