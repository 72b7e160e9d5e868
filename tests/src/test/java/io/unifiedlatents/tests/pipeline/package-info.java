/** All jobs one after the other. */
@NullMarked
package io.unifiedlatents.tests.pipeline;

import org.jspecify.annotations.NullMarked;
