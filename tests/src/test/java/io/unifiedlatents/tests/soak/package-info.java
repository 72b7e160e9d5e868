/** Runs that are long enough to show what only time shows. */
@NullMarked
package io.unifiedlatents.tests.soak;

import org.jspecify.annotations.NullMarked;
