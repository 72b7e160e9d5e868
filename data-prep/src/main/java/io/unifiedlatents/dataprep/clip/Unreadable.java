package io.unifiedlatents.dataprep.clip;

/**
 * Why a video is skipped. The message begins with a class that can be counted, then a colon: {@code format not
 * supported}, {@code no video stream}, {@code codec not supported}, {@code damaged video}, {@code too large},
 * {@code odd shape}, {@code too short}, {@code took too long}.
 */
public final class Unreadable extends Exception {
    Unreadable(String reason) {
        super(reason);
    }
}
