package io.unifiedlatents.dataprep.clip;

import org.jspecify.annotations.Nullable;

/**
 * A labelled part of a video on YouTube.
 *
 * @param label such as {@code riding a bike}
 * @param youtubeId 11 characters
 * @param timeStart in seconds of the video on YouTube
 * @param timeEnd in seconds of the video on YouTube
 * @param split as the table has it; null where it has none
 */
public record KineticsRow(
        String label,
        String youtubeId,
        double timeStart,
        double timeEnd,
        @Nullable String split) {}
