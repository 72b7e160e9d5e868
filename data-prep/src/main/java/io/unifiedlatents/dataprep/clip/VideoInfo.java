package io.unifiedlatents.dataprep.clip;

/**
 * The properties that the header of a video states.
 *
 * @param codec FFmpeg's name, such as {@code h264}
 * @param width of a frame as stored, in pixels
 * @param height of a frame as stored, in pixels
 * @param rotation clockwise degrees to turn a stored frame by to see it upright: 0, 90, 180 or 270
 * @param fps average frames a second; 0 where the file does not say
 * @param tick unit of its timestamps, in seconds
 * @param seconds duration; 0 where the file does not say
 */
public record VideoInfo(String codec, int width, int height, int rotation, double fps, double tick, double seconds) {}
