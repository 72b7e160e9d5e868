/**
 * The collective over TCP: ranks find each other, authenticate, and pass framed, optionally encrypted messages around a
 * ring.
 */
@NullMarked
package io.unifiedlatents.core.collective.ring;

import org.jspecify.annotations.NullMarked;
