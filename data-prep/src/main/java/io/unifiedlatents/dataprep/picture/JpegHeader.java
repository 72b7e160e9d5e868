package io.unifiedlatents.dataprep.picture;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The header of a JPEG: the fields of the segments before its pixels.
 *
 * @param width in pixels, before it is turned
 * @param height in pixels, before it is turned
 * @param components 1 grey, 3 colour, 4 CMYK or YCCK
 * @param adobeTransform of the Adobe segment: 0 as stored, 1 YCbCr, 2 YCCK; −1 without one
 * @param orientation EXIF orientation, 1 to 8; 1, upright, without one
 */
record JpegHeader(int width, int height, int components, int adobeTransform, int orientation) {
    private static final int START_OF_IMAGE = 0xD8;
    private static final int END_OF_IMAGE = 0xD9;
    private static final int START_OF_SCAN = 0xDA;
    private static final int APP1 = 0xE1;
    private static final int APP14 = 0xEE;
    private static final int FIRST_RESTART = 0xD0;
    private static final int LAST_RESTART = 0xD7;
    private static final String EXIF = "Exif\0\0";
    private static final int ORIENTATION = 0x0112;
    private static final int ENTRY_BYTES = 12;

    /** Reads up to the frame header and the segments before the first scan. */
    static JpegHeader parse(byte[] bytes) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        JpegHeader header = new JpegHeader(0, 0, 0, -1, 1);
        for (int at = nextMarker(bytes, 0); at >= 0; at = markerAfter(bytes, at)) {
            int marker = bytes[at + 1] & 0xFF;
            if (marker == START_OF_SCAN || marker == END_OF_IMAGE) {
                break;
            }
            if (standsAlone(marker)) {
                continue;
            }
            int length = in.getShort(at + 2) & 0xFFFF;
            if (length < 2 || at + 2 + length > bytes.length) {
                throw new IOException("it ends early");
            }
            header = header.with(marker, in.slice(at + 4, length - 2), PictureFormat.starts(bytes, at + 4, EXIF));
        }
        if (header.components == 0) {
            throw new IOException("no frame header");
        }
        return header;
    }

    private JpegHeader with(int marker, ByteBuffer segment, boolean exif) {
        boolean frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
        if (frame && segment.remaining() >= 6) {
            int frameHeight = segment.getShort(1) & 0xFFFF;
            int frameWidth = segment.getShort(3) & 0xFFFF;
            return new JpegHeader(frameWidth, frameHeight, segment.get(5) & 0xFF, adobeTransform, orientation);
        }
        if (marker == APP14 && segment.remaining() >= 12 && segment.getInt(0) == 0x41646F62) { // Adob
            return new JpegHeader(width, height, components, segment.get(11) & 0xFF, orientation);
        }
        if (marker == APP1 && exif && orientation == 1) {
            ByteBuffer tiff = segment.slice(EXIF.length(), segment.remaining() - EXIF.length());
            return new JpegHeader(width, height, components, adobeTransform, orientation(tiff));
        }
        return this;
    }

    /** The orientation in the first directory of a TIFF structure; 1 where that is damaged, as viewers do. */
    private static int orientation(ByteBuffer tiff) {
        try {
            tiff.order(tiff.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
            int directory = tiff.getInt(4);
            int entries = tiff.getShort(directory) & 0xFFFF;
            for (int i = 0; i < entries; i++) {
                int entry = directory + 2 + ENTRY_BYTES * i;
                if ((tiff.getShort(entry) & 0xFFFF) == ORIENTATION) {
                    int value = tiff.getShort(entry + 8);
                    return value >= 1 && value <= 8 ? value : 1;
                }
            }
        } catch (IndexOutOfBoundsException e) {
            return 1;
        }
        return 1;
    }

    /** Returns whether the end marker exists; without it, pixels are missing. Thumbnails in segments have their own. */
    static boolean reachesEnd(byte[] bytes) {
        for (int at = nextMarker(bytes, 0); at >= 0; at = markerAfter(bytes, at)) {
            if ((bytes[at + 1] & 0xFF) == END_OF_IMAGE) {
                return true;
            }
        }
        return false;
    }

    /** Returns the position of the marker after the segment at {@code at}, or −1. */
    private static int markerAfter(byte[] bytes, int at) {
        if (standsAlone(bytes[at + 1] & 0xFF)) {
            return nextMarker(bytes, at + 2);
        }
        return at + 4 > bytes.length
                ? -1
                : nextMarker(bytes, at + 2 + (ByteBuffer.wrap(bytes).getShort(at + 2) & 0xFFFF));
    }

    private static boolean standsAlone(int marker) {
        return marker == START_OF_IMAGE || marker == 0x01 || (marker >= FIRST_RESTART && marker <= LAST_RESTART);
    }

    /** Position of the next FF with a marker's number behind it, or −1; skips the pixels of a scan. */
    private static int nextMarker(byte[] bytes, int from) {
        for (int i = from; i < bytes.length - 1; i++) {
            if (bytes[i] == (byte) 0xFF && bytes[i + 1] != 0 && bytes[i + 1] != (byte) 0xFF) {
                return i;
            }
        }
        return -1;
    }
}
