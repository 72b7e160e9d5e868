package io.unifiedlatents.dataprep.clip;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVPixFmtDescriptor;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;

/** The rules by which a frame's luma and chroma become RGB: what the stream says, else what is customary. */
final class ColorCoding {
    private static final int LARGEST_SD_HEIGHT = 576;
    private static final int SMALLEST_HD_WIDTH = 1280;
    private static final int NOT_SUBSAMPLED = -513; // swscale's default

    private ColorCoding() {}

    /** Constant of swscale for the matrix. Untold, it is BT.709 for HD and BT.601 for smaller frames, as players do. */
    static int matrix(AVFrame frame) {
        boolean hd = frame.height() > LARGEST_SD_HEIGHT || frame.width() >= SMALLEST_HD_WIDTH;
        return switch (frame.colorspace()) {
            case avutil.AVCOL_SPC_BT709 -> swscale.SWS_CS_ITU709;
            case avutil.AVCOL_SPC_BT470BG, avutil.AVCOL_SPC_SMPTE170M -> swscale.SWS_CS_ITU601;
            case avutil.AVCOL_SPC_FCC -> swscale.SWS_CS_FCC;
            case avutil.AVCOL_SPC_SMPTE240M -> swscale.SWS_CS_SMPTE240M;
            case avutil.AVCOL_SPC_BT2020_NCL, avutil.AVCOL_SPC_BT2020_CL -> swscale.SWS_CS_BT2020;
            default -> hd ? swscale.SWS_CS_ITU709 : swscale.SWS_CS_ITU601;
        };
    }

    /** Whether luma goes from 0 to 255 and not from 16 to 235. */
    static boolean isFullRange(AVFrame frame) {
        int format = frame.format();
        return frame.color_range() == avutil.AVCOL_RANGE_JPEG
                || format == avutil.AV_PIX_FMT_YUVJ420P
                || format == avutil.AV_PIX_FMT_YUVJ411P
                || format == avutil.AV_PIX_FMT_YUVJ422P
                || format == avutil.AV_PIX_FMT_YUVJ440P
                || format == avutil.AV_PIX_FMT_YUVJ444P;
    }

    /**
     * The place of chroma samples, in 256ths of a luma sample to the right of the first; if unstated, that of MPEG-2.
     */
    static int chromaX(AVFrame frame, AVPixFmtDescriptor format) {
        return format.log2_chroma_w() == 1 ? position(frame)[0] : NOT_SUBSAMPLED;
    }

    /** The same, downward. */
    static int chromaY(AVFrame frame, AVPixFmtDescriptor format) {
        return format.log2_chroma_h() == 1 ? position(frame)[1] : NOT_SUBSAMPLED;
    }

    private static int[] position(AVFrame frame) {
        int location = frame.chroma_location() == avutil.AVCHROMA_LOC_UNSPECIFIED
                ? avutil.AVCHROMA_LOC_LEFT
                : frame.chroma_location();
        int[] x = {0};
        int[] y = {0};
        avutil.av_chroma_location_enum_to_pos(x, y, location);
        return new int[] {x[0], y[0]};
    }
}
