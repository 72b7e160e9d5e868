package io.unifiedlatents.dataprep.check;

import com.google.errorprone.annotations.FormatMethod;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.ClipTiming;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.Encoding;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.ImageRow;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.dataprep.check.Problem.Kind;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/**
 * The checks of single rows against the manifest of their data set.
 *
 * @param decode whether pictures are decoded
 * @param problems receives the problems found
 */
record RowCheck(DatasetManifest manifest, boolean decode, Problems problems) {
    static {
        ImageIO.scanForPlugins(); // readers in jars that Spark added after ImageIO was first used
    }

    /** Checks a row; {@code timing} is null in shards of pictures. */
    void check(Place place, ImageRow row, @Nullable ClipTiming timing) {
        int window = timing == null ? 0 : timing.window();
        String id = Hashes.sampleId(row.source(), window);
        require(
                row.id().equals(id),
                Kind.ROW,
                place,
                row,
                "the id of source %s, window %d, is %s",
                row.source(),
                window,
                id);
        checkLabel(place, row);
        SampleShape shape = manifest.shape();
        boolean size = shape == null
                ? row.width() > 0 && row.height() > 0
                : row.width() == shape.width() && row.height() == shape.height();
        String expected = shape == null ? "any size" : shape.width() + " × " + shape.height();
        require(
                size,
                Kind.ROW,
                place,
                row,
                "width and height are %d × %d, the manifest says %s",
                row.width(),
                row.height(),
                expected);
        String digest = Hashes.sha256(row.image());
        require(
                digest.equals(row.sha256()),
                Kind.PICTURE,
                place,
                row,
                "SHA-256 of its bytes is %s, its row says %s",
                digest,
                row.sha256());
        if (decode) {
            decode(place, row);
        }
        if (timing != null) {
            checkTimes(place, row, timing.seconds());
        }
    }

    private int frames() {
        SampleShape shape = manifest.shape();
        return shape == null ? 1 : shape.frames();
    }

    private void checkTimes(Place place, ImageRow row, List<Double> seconds) {
        require(
                seconds.size() == frames(),
                Kind.ROW,
                place,
                row,
                "pts has %d times, the manifest says %d frames",
                seconds.size(),
                frames());
        for (int i = 1; i < seconds.size(); i++) {
            double before = seconds.get(i - 1);
            if (!(seconds.get(i) > before)) {
                require(
                        false,
                        Kind.ROW,
                        place,
                        row,
                        "pts of frame %d is %s, after %s of the frame before it",
                        i,
                        seconds.get(i),
                        before);
                return;
            }
        }
    }

    private void checkLabel(Place place, ImageRow row) {
        List<String> classes = manifest.classes();
        int label = row.label();
        boolean known = label >= 0 && label < classes.size();
        require(known, Kind.ROW, place, row, "label is %d, the manifest has %d classes", label, classes.size());
        if (known) {
            String name = classes.get(label);
            require(
                    row.className().equals(name),
                    Kind.ROW,
                    place,
                    row,
                    "class_name is %s, label %d is class %s",
                    row.className(),
                    label,
                    name);
        }
    }

    private void decode(Place place, ImageRow row) {
        try {
            Rgb picture = Objects.requireNonNull(manifest.encoding()).decode(row.image(), manifest.shape());
            int height = row.height() * frames();
            boolean same = picture.width() == row.width() && picture.height() == height;
            // ORIGINAL keeps the source's bytes: EXIF may exchange the axes of what is stored
            boolean turned = manifest.encoding() == Encoding.ORIGINAL
                    && picture.width() == height
                    && picture.height() == row.width();
            require(
                    same || turned,
                    Kind.PICTURE,
                    place,
                    row,
                    "it has %d × %d pixels, its row says %d × %d",
                    picture.width(),
                    picture.height(),
                    row.width(),
                    height);
        } catch (IOException e) {
            require(false, Kind.PICTURE, place, row, "cannot be decoded: %s", e.getMessage());
        }
    }

    @FormatMethod
    private void require(
            boolean holds, Kind kind, Place place, ImageRow row, String format, @Nullable Object... values) {
        if (!holds) {
            problems.add(kind, place, row.id(), format.formatted(values));
        }
    }
}
