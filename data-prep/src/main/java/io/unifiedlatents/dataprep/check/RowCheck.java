package io.unifiedlatents.dataprep.check;

import static io.unifiedlatents.dataprep.check.Problem.Kind.PICTURE;
import static io.unifiedlatents.dataprep.check.Problem.Kind.ROW;

import com.google.errorprone.annotations.FormatMethod;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.ClipTiming;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.Encoding;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.ImageRow;
import io.unifiedlatents.core.data.Rgb;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/**
 * The check of one row against the manifest of its data set.
 *
 * @param problems receives the problems found
 */
record RowCheck(DatasetManifest manifest, Problems problems, Place place, ImageRow row) {
    static {
        ImageIO.scanForPlugins(); // readers in jars that Spark added after ImageIO was first used
    }

    /**
     * Checks all columns, and that the picture can be decoded if asked; {@code timing} is null in shards of pictures.
     */
    void run(@Nullable ClipTiming timing, boolean decode) {
        int window = timing == null ? 0 : timing.window();
        String id = Hashes.sampleId(row.source(), window);
        require(row.id().equals(id), ROW, "the id of source %s, window %d, is %s", row.source(), window, id);
        checkLabel();
        SampleShape shape = manifest.shape();
        boolean fits = shape == null
                ? row.width() > 0 && row.height() > 0
                : row.width() == shape.width() && row.height() == shape.height();
        String size = row.width() + " × " + row.height();
        String stated = shape == null ? "any size" : shape.width() + " × " + shape.height();
        require(fits, ROW, "width and height are %s, the manifest says %s", size, stated);
        String sha256 = Hashes.sha256(row.image());
        require(
                sha256.equals(row.sha256()),
                PICTURE,
                "SHA-256 of its bytes is %s, its row says %s",
                sha256,
                row.sha256());
        int frames = shape == null ? 1 : shape.frames();
        if (decode) {
            decode(frames);
        }
        if (timing != null) {
            checkTimes(timing.seconds(), frames);
        }
    }

    private void checkLabel() {
        List<String> classes = manifest.classes();
        int label = row.label();
        boolean validLabel = label >= 0 && label < classes.size();
        require(validLabel, ROW, "label is %d, the manifest has %d classes", label, classes.size());
        String name = validLabel ? classes.get(label) : row.className();
        require(
                name.equals(row.className()),
                ROW,
                "class_name is %s, label %d is class %s",
                row.className(),
                label,
                name);
    }

    private void checkTimes(List<Double> seconds, int frames) {
        int times = seconds.size();
        require(times == frames, ROW, "pts has %d times, the manifest says %d frames", times, frames);
        for (int i = 1; i < times; i++) {
            double time = seconds.get(i);
            double before = seconds.get(i - 1);
            if (!(time > before)) {
                require(false, ROW, "pts of frame %d is %s, after %s of the frame before it", i, time, before);
                return;
            }
        }
    }

    private void decode(int frames) {
        try {
            Rgb picture = Objects.requireNonNull(manifest.encoding()).decode(row.image(), manifest.shape());
            int width = row.width();
            int height = row.height() * frames;
            boolean same = picture.width() == width && picture.height() == height;
            boolean turned = picture.width() == height && picture.height() == width;
            boolean mayBeTurned = manifest.encoding() == Encoding.ORIGINAL; // by EXIF, which this decoder does not heed
            String size = picture.width() + " × " + picture.height();
            boolean fits = same || (mayBeTurned && turned);
            require(fits, PICTURE, "it has %s pixels, its row says %d × %d", size, width, height);
        } catch (IOException e) {
            require(false, PICTURE, "cannot be decoded: %s", e.getMessage());
        }
    }

    @FormatMethod
    private void require(boolean holds, Problem.Kind kind, String format, @Nullable Object... values) {
        if (!holds) {
            problems.add(kind, place, row.id(), format.formatted(values));
        }
    }
}
