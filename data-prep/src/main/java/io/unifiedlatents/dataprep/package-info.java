/** Directories of pictures to shards, by Spark: sources, transforms, status rows. */
@NullMarked
package io.unifiedlatents.dataprep;

import org.jspecify.annotations.NullMarked;
