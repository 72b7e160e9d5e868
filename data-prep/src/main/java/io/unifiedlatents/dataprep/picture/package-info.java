/** Pictures of unknown origin to pixels of the shape a dataset wants: decoding, resampling, crops. Knows no Spark. */
@NullMarked
package io.unifiedlatents.dataprep.picture;

import org.jspecify.annotations.NullMarked;
