package io.unifiedlatents.dataprep.clip;

/** Which windows of a video become clips. */
public enum Offset {
    /** The window that begins with the first frame. */
    START,
    /** The window in the middle. */
    CENTRE,
    /** One window anywhere, drawn by seed and sample id. */
    RANDOM,
    /** Window after window from the first frame on, without overlap, as long as they are whole. */
    ALL
}
