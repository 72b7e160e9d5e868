package io.unifiedlatents.dataprep.picture;

import com.sun.jna.Library;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import org.jspecify.annotations.Nullable;

/** The part of Leptonica's and libwebp's C API that {@link NativeCodecs} uses, with the headers' names. */
interface NativeLibrary extends Library {
    /** {@code L_SEVERITY_NONE}. */
    int SEVERITY_NONE = 6;

    /** {@code L_JPEG_CONTINUE_WITH_BAD_DATA}: warnings of libjpeg do not fail. */
    int CONTINUE_WITH_BAD_DATA = 2;

    int setMsgSeverity(int severity);

    /** Decodes with libjpeg-turbo; null where that fails. */
    @Nullable
    Pointer pixReadMemJpeg(
            byte[] data, long size, int toColormap, int reduction, @Nullable IntByReference warnings, int hint);

    int pixGetWidth(Pointer pix);

    int pixGetHeight(Pointer pix);

    /** Bits a pixel: 8 grey, 32 red, green, blue and an unused byte from the highest down. */
    int pixGetDepth(Pointer pix);

    /** 32-bit words a row. */
    int pixGetWpl(Pointer pix);

    Pointer pixGetData(Pointer pix);

    void pixDestroy(PointerByReference pix);

    /** Writes rows of RGB; null where that fails. */
    @Nullable
    Pointer WebPDecodeRGBInto(byte[] data, long size, Pointer output, long outputSize, int stride);

    /** Writes rows of RGBA, alpha not multiplied; null where that fails. */
    @Nullable
    Pointer WebPDecodeRGBAInto(byte[] data, long size, Pointer output, long outputSize, int stride);
}
