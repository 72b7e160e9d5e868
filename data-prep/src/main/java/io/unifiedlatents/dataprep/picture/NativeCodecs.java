package io.unifiedlatents.dataprep.picture;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import io.unifiedlatents.core.data.ImageCodec;
import io.unifiedlatents.core.data.Rgb;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * JPEG by libjpeg-turbo 3 (exact DCT, smooth upsampling: the pixels that Pillow gives) and WebP by libwebp, both out of
 * the one shared library in the Leptonica jar of the JavaCPP presets, which needs glibc 2.34. libjpeg reports errors by
 * a jump that Java cannot make, so it is called through Leptonica's reader; libwebp is called directly.
 *
 * <p>Thread-safe. Native memory of a call, 3 or 4 bytes a pixel, is freed before it returns.
 */
final class NativeCodecs {
    static final String NAME = "libjpeg-turbo 3.0.1 and libwebp 1.6.0";

    private static final Logger LOG = LoggerFactory.getLogger(NativeCodecs.class);
    private static final VarHandle BIG_ENDIAN_INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    /** Symbols stay inside: the JDK has a libjpeg of its own, of another layout, by the same names. */
    private static final int RESOLVE_NOW_AND_LOCALLY = 2;

    private final NativeLibrary library;

    private NativeCodecs(NativeLibrary library) {
        this.library = library;
    }

    /** Loads the library at first use. */
    private static final class Loaded {
        static final @Nullable NativeCodecs CODECS = load();

        private static @Nullable NativeCodecs load() {
            String platform = Platform.isARM() ? "linux-arm64" : "linux-x86_64";
            String resource = "/org/bytedeco/leptonica/" + platform + "/libleptonica.so.6";
            try {
                String file = Native.extractFromResourcePath(resource, NativeCodecs.class.getClassLoader())
                        .getPath();
                Map<String, Integer> options = Map.of(Library.OPTION_OPEN_FLAGS, RESOLVE_NOW_AND_LOCALLY);
                NativeLibrary library = Native.load(file, NativeLibrary.class, options);
                library.setMsgSeverity(NativeLibrary.SEVERITY_NONE);
                return new NativeCodecs(library);
            } catch (IOException | LinkageError e) {
                LOG.warn("JPEG and WebP are decoded in Java, which takes longer: no native library ({})", e.toString());
                return null;
            }
        }
    }

    /** Null where this machine has no such library; the first such call logs why. */
    static @Nullable NativeCodecs loaded() {
        return Loaded.CODECS;
    }

    /** Decodes a JPEG whose header was checked; null where libjpeg or Leptonica refuses it. */
    @Nullable
    Rgb decodeJpeg(byte[] bytes) {
        Pointer pix = library.pixReadMemJpeg(bytes, bytes.length, 0, 1, null, NativeLibrary.CONTINUE_WITH_BAD_DATA);
        if (pix == null) {
            return null;
        }
        try {
            return rgb(pix);
        } finally {
            library.pixDestroy(new PointerByReference(pix));
        }
    }

    private @Nullable Rgb rgb(Pointer pix) {
        int width = library.pixGetWidth(pix);
        int height = library.pixGetHeight(pix);
        int words = library.pixGetWpl(pix);
        int depth = library.pixGetDepth(pix);
        if (depth != 32 && depth != 8) {
            return null;
        }
        Pointer data = library.pixGetData(pix);
        byte[] pixels = new byte[Math.multiplyExact(3, width * height)];
        int[] row = new int[words];
        for (int y = 0; y < height; y++) {
            data.read(4L * words * y, row, 0, words);
            if (depth == 32) {
                unpack(row, width, pixels, 3 * width * y);
            } else {
                unpackGrey(row, width, pixels, 3 * width * y);
            }
        }
        return new Rgb(width, height, pixels);
    }

    /** Four pixels in three stores. */
    private static void unpack(int[] row, int width, byte[] pixels, int start) {
        int to = start;
        int x = 0;
        for (; x < width - 3; x += 4, to += 12) {
            int second = row[x + 1];
            int third = row[x + 2];
            BIG_ENDIAN_INTS.set(pixels, to, (row[x] & 0xFFFFFF00) | second >>> 24);
            BIG_ENDIAN_INTS.set(pixels, to + 4, (second << 8 & 0xFFFF0000) | third >>> 16);
            BIG_ENDIAN_INTS.set(pixels, to + 8, (third << 16 & 0xFF000000) | row[x + 3] >>> 8);
        }
        for (; x < width; x++, to += 3) {
            pixels[to] = (byte) (row[x] >> 24);
            pixels[to + 1] = (byte) (row[x] >> 16);
            pixels[to + 2] = (byte) (row[x] >> 8);
        }
    }

    private static void unpackGrey(int[] row, int width, byte[] pixels, int start) {
        int to = start;
        for (int x = 0; x < width; x++, to += 3) {
            byte grey = (byte) (row[x >> 2] >> (24 - 8 * (x & 3)));
            pixels[to] = grey;
            pixels[to + 1] = grey;
            pixels[to + 2] = grey;
        }
    }

    /** Decodes a WebP of one frame whose header was checked; null where libwebp refuses it. */
    @Nullable
    Rgb decodeWebp(byte[] bytes, WebpHeader header, int background) {
        int stride = Math.multiplyExact(header.alpha() ? 4 : 3, header.width());
        int size = Math.multiplyExact(stride, header.height());
        byte[] decoded = new byte[size];
        try (Memory memory = new Memory(size)) {
            Pointer end = header.alpha()
                    ? library.WebPDecodeRGBAInto(bytes, bytes.length, memory, size, stride)
                    : library.WebPDecodeRGBInto(bytes, bytes.length, memory, size, stride);
            if (end == null) {
                return null;
            }
            memory.read(0, decoded, 0, size);
        }
        return new Rgb(header.width(), header.height(), header.alpha() ? flattened(decoded, background) : decoded);
    }

    private static byte[] flattened(byte[] rgba, int background) {
        byte[] pixels = new byte[rgba.length / 4 * 3];
        int to = 0;
        for (int from = 0; from < rgba.length; from += 4) {
            int alpha = rgba[from + 3] & 0xFF;
            for (int channel = 0; channel < 3; channel++) {
                pixels[to++] = ImageCodec.over(rgba[from + channel], alpha, false, background >> (16 - 8 * channel));
            }
        }
        return pixels;
    }
}
