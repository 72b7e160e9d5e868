/** Sources of inputs: directories, tar archives, Parquet files and lists, on any Hadoop file system. */
@NullMarked
package io.unifiedlatents.dataprep.source;

import org.jspecify.annotations.NullMarked;
