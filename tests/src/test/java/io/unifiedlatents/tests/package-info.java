/** What needs more than one module, another program, or an hour. */
@NullMarked
package io.unifiedlatents.tests;

import org.jspecify.annotations.NullMarked;
