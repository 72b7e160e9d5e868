/** Files of runs and data sets on any Hadoop file system: atomic publication and the safetensors format. */
@NullMarked
package io.unifiedlatents.core.storage;

import org.jspecify.annotations.NullMarked;
