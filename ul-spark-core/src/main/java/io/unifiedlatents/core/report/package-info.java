/** Reports of evaluations: figures with the card that says what was judged and how, as JSON and as pages. */
@NullMarked
package io.unifiedlatents.core.report;

import org.jspecify.annotations.NullMarked;
