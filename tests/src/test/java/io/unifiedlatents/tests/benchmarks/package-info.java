/** Speed beside what others would use: eager PyTorch, gloo, the ffmpeg program. */
@NullMarked
package io.unifiedlatents.tests.benchmarks;

import org.jspecify.annotations.NullMarked;
