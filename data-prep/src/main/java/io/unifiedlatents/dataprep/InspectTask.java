package io.unifiedlatents.dataprep;

import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.dataprep.picture.PictureDecoder;
import io.unifiedlatents.dataprep.picture.Unreadable;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.util.SerializableConfiguration;

/** First pass: decodes an input to find out whether it can be kept. Failures of the storage fail the task. */
record InspectTask(String source, SerializableConfiguration hadoop) implements Function<Input, Status> {
    /** Longer files are refused: an executor reads a file whole. */
    static final long MAX_BYTES = 512L << 20;

    @Override
    public Status call(Input input) throws IOException {
        long start = System.nanoTime();
        if (input.bytes() > MAX_BYTES) {
            return new Status(
                    input, "too large: " + input.bytes() + " bytes, at most " + MAX_BYTES + " are read", 0, 0, 0);
        }
        byte[] bytes = Storage.at(source, hadoop.value()).read(input.path());
        try {
            Rgb image = PictureDecoder.STANDARD.decode(bytes);
            return new Status(input, null, image.width(), image.height(), millisSince(start));
        } catch (Unreadable e) {
            return new Status(input, e.getMessage(), 0, 0, millisSince(start));
        }
    }

    private static long millisSince(long start) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }
}
