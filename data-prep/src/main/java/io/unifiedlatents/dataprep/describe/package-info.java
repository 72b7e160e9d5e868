/** Data set cards: what is in prepared data sets, for people and for programs. */
@NullMarked
package io.unifiedlatents.dataprep.describe;

import org.jspecify.annotations.NullMarked;
