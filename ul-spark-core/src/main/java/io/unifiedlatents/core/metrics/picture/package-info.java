/** Sets of pictures to be evaluated, and metrics of pictures against their originals: PSNR and SSIM. */
@NullMarked
package io.unifiedlatents.core.metrics.picture;

import org.jspecify.annotations.NullMarked;
