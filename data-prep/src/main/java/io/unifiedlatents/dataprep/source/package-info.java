/** Where inputs come from: directories, tar archives, Parquet and lists, on any Hadoop file system. */
@NullMarked
package io.unifiedlatents.dataprep.source;

import org.jspecify.annotations.NullMarked;
