/** Log-SNR schedules, loss weightings and times, in float64 on the host; scripts receive per-sample coefficients. */
@NullMarked
package io.unifiedlatents.core.schedule;

import org.jspecify.annotations.NullMarked;
