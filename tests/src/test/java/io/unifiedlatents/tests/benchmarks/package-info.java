/** Speed of our training step beside the same step in eager PyTorch. */
@NullMarked
package io.unifiedlatents.tests.benchmarks;

import org.jspecify.annotations.NullMarked;
