/** Jobs that run trained networks over a data set: extraction of latents and sampling. */
@NullMarked
package io.unifiedlatents.core.spark.inference;

import org.jspecify.annotations.NullMarked;
