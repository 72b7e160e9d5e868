package io.unifiedlatents.dataprep.clip;

import io.unifiedlatents.core.config.SampleShape;
import java.nio.ByteBuffer;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVPixFmtDescriptor;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.IntPointer;
import org.jspecify.annotations.Nullable;

/**
 * Decoded frames to RGB frames of one size: the whole frame is resized by swscale, bicubically and without a stop in
 * between, so that it just covers that size; then the middle is cut out and turned upright. Where the rest to cut off
 * is odd, the larger part of it is on the right or at the bottom of the frame as stored. Frames are taken as
 * progressive, alpha is dropped, HDR is not mapped. Bit-exact on processors of one architecture.
 */
final class FrameScaler implements AutoCloseable {
    private static final int FLAGS =
            swscale.SWS_BICUBIC | swscale.SWS_ACCURATE_RND | swscale.SWS_FULL_CHR_H_INT | swscale.SWS_BITEXACT;

    private static final int ALIGNMENT = 64; // of rows, for SIMD
    private static final int ONE = 1 << 16;

    private final int width; // before it is turned upright
    private final int height;
    private final double pixelAspect;
    private final Orientation orientation;
    private @Nullable Resizer resizer;

    /**
     * Prepares for the frames of a video.
     *
     * @param shape of the result, upright
     * @param pixelAspect width of a stored pixel by its height
     */
    FrameScaler(SampleShape shape, double pixelAspect, Orientation orientation) {
        this.width = orientation.exchangesAxes() ? shape.height() : shape.width();
        this.height = orientation.exchangesAxes() ? shape.width() : shape.height();
        this.pixelAspect = pixelAspect;
        this.orientation = orientation;
    }

    /** Writes the pixels of a frame at {@code offset}. */
    void scale(AVFrame frame, byte[] to, int offset) throws Unreadable {
        Source source = Source.of(frame);
        if (resizer == null || !resizer.source.equals(source)) { // streams may change in the middle
            close();
            resizer = new Resizer(source, width, height, pixelAspect);
        }
        resizer.run(frame);
        resizer.crop(width, height, to, offset);
        orientation.apply(to, offset, width, height);
    }

    @Override
    public void close() {
        if (resizer != null) {
            resizer.close();
            resizer = null;
        }
    }

    /** The sizes and formats that swscale is set up for. */
    private record Source(int width, int height, int format, boolean fullRange, int matrix, int chromaX, int chromaY) {
        static Source of(AVFrame frame) {
            AVPixFmtDescriptor format = avutil.av_pix_fmt_desc_get(frame.format());
            return new Source(
                    frame.width(),
                    frame.height(),
                    frame.format(),
                    ColorCoding.isFullRange(frame),
                    ColorCoding.matrix(frame),
                    ColorCoding.chromaX(frame, format),
                    ColorCoding.chromaY(frame, format));
        }
    }

    /** A set-up of swscale, with the frame that it writes to. */
    private static final class Resizer implements AutoCloseable {
        private final Source source;
        private final SwsContext context;
        private final AVFrame scaled;
        private final ByteBuffer pixels;

        Resizer(Source source, int columns, int rows, double pixelAspect) throws Unreadable {
            this.source = source;
            double shownWidth = source.width * pixelAspect;
            Container.requireShape(shownWidth, source.height);
            double scale = Math.max(columns / shownWidth, (double) rows / source.height);
            int width = Math.max(columns, (int) Math.round(shownWidth * scale));
            int height = Math.max(rows, (int) Math.round(source.height * scale));
            this.scaled = avutil.av_frame_alloc();
            this.scaled.format(avutil.AV_PIX_FMT_RGB24).width(width).height(height);
            this.context = swscale.sws_alloc_context();
            if (avutil.av_frame_get_buffer(scaled, ALIGNMENT) < 0 || !configure()) {
                close();
                throw new Unreadable("codec not supported: frames of pixel format %d, %d x %d, cannot be converted"
                        .formatted(source.format, source.width, source.height));
            }
            this.pixels =
                    scaled.data(0).capacity((long) scaled.linesize(0) * height).asByteBuffer();
        }

        private boolean configure() {
            context.src_w(source.width).src_h(source.height).src_format(source.format);
            context.dst_w(scaled.width()).dst_h(scaled.height()).dst_format(avutil.AV_PIX_FMT_RGB24);
            context.src_h_chr_pos(source.chromaX).src_v_chr_pos(source.chromaY);
            context.flags(FLAGS).threads(1);
            if (swscale.sws_init_context(context, null, null) < 0) {
                return false;
            }
            IntPointer toRgb = swscale.sws_getCoefficients(source.matrix);
            swscale.sws_setColorspaceDetails(
                    context,
                    toRgb,
                    source.fullRange ? 1 : 0,
                    toRgb,
                    1,
                    0,
                    ONE,
                    ONE); // brightness, contrast, saturation
            return true;
        }

        void run(AVFrame frame) throws Unreadable {
            int rows = swscale.sws_scale(
                    context, frame.data(), frame.linesize(), 0, source.height, scaled.data(), scaled.linesize());
            if (rows != scaled.height()) {
                throw new Unreadable("damaged video: a frame cannot be converted (" + Ffmpeg.error(rows) + ")");
            }
        }

        void crop(int columns, int rows, byte[] to, int offset) {
            int left = (scaled.width() - columns) / 2;
            int top = (scaled.height() - rows) / 2;
            for (int y = 0; y < rows; y++) {
                pixels.get((top + y) * scaled.linesize(0) + 3 * left, to, offset + 3 * columns * y, 3 * columns);
            }
        }

        @Override
        public void close() {
            swscale.sws_freeContext(context);
            avutil.av_frame_free(scaled);
        }
    }
}
