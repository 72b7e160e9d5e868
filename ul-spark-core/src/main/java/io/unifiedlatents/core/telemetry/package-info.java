/** The output of a run for people and their tools: console lines, run log, TensorBoard events and phase times. */
@NullMarked
package io.unifiedlatents.core.telemetry;

import org.jspecify.annotations.NullMarked;
