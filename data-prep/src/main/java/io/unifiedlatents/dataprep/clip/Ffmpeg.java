package io.unifiedlatents.dataprep.clip;

import java.nio.charset.StandardCharsets;
import org.bytedeco.ffmpeg.avutil.LogCallback;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * FFmpeg's libraries, loaded on first use; JavaCPP unpacks them into {@code ~/.javacpp/cache}, or the directory of
 * {@code -Dorg.bytedeco.javacpp.cachedir}. What they log goes to this class's logger at debug, and nowhere else.
 */
final class Ffmpeg {
    private static final Logger LOG = LoggerFactory.getLogger(Ffmpeg.class);
    private static final LogCallback LOG_CALLBACK = new Slf4jCallback(); // native code points at it for ever
    private static final int MESSAGE_BYTES = 256;

    static {
        Loader.load(avutil.class);
        Loader.load(avcodec.class);
        Loader.load(avformat.class);
        Loader.load(swscale.class);
        avutil.av_log_set_level(LOG.isDebugEnabled() ? avutil.AV_LOG_VERBOSE : avutil.AV_LOG_QUIET);
        avutil.setLogCallback(LOG_CALLBACK);
    }

    private Ffmpeg() {}

    /** Loads the libraries unless that has been done. */
    static void load() {
        // the static initializer does
    }

    /** Returns FFmpeg's message for a negative return code. */
    static String error(int code) {
        byte[] message = new byte[MESSAGE_BYTES];
        avutil.av_strerror(code, message, message.length);
        int length = 0;
        while (length < message.length && message[length] != 0) {
            length++;
        }
        return new String(message, 0, length, StandardCharsets.UTF_8);
    }

    private static final class Slf4jCallback extends LogCallback {
        @Override
        public void call(int level, BytePointer message) {
            LOG.debug("{}", message.getString(StandardCharsets.UTF_8).strip());
        }
    }
}
