/** Prepared data sets read whole and compared with what they say of themselves. */
@NullMarked
package io.unifiedlatents.dataprep.check;

import org.jspecify.annotations.NullMarked;
