/** Settings as records, one per component, read from YAML; argument checks shared by all packages. */
@NullMarked
package io.unifiedlatents.core.config;

import org.jspecify.annotations.NullMarked;
