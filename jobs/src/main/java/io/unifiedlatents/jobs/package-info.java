/** One class with a main method for each job: arguments, config, session, one call. */
@NullMarked
package io.unifiedlatents.jobs;

import org.jspecify.annotations.NullMarked;
