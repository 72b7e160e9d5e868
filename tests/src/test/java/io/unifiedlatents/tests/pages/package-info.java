/** Pages as a browser shows them. */
@NullMarked
package io.unifiedlatents.tests.pages;

import org.jspecify.annotations.NullMarked;
