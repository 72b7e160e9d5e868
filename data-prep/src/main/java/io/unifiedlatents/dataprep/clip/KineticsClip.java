package io.unifiedlatents.dataprep.clip;

import org.jspecify.annotations.Nullable;

/**
 * The row of a Kinetics table for one file.
 *
 * @param row its row
 * @param split {@code train}, {@code validation} or {@code test}, by the row, else by a directory of the path; null
 *     where neither tells
 * @param span the labelled part, where the file is the whole video; null where it has been cut to it
 */
public record KineticsClip(
        KineticsRow row, @Nullable String split, @Nullable Span span) {}
