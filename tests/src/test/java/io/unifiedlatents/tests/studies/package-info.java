/** What holds on real data: long runs on files that are given by system properties. */
@NullMarked
package io.unifiedlatents.tests.studies;

import org.jspecify.annotations.NullMarked;
