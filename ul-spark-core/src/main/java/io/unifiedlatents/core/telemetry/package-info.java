/** What a run tells its watchers: JSON lines, TensorBoard events, console progress and phase times. */
@NullMarked
package io.unifiedlatents.core.telemetry;

import org.jspecify.annotations.NullMarked;
