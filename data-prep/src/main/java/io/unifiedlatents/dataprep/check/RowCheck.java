package io.unifiedlatents.dataprep.check;

import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.ClipRow;
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

/** Single rows against the manifest of their data set. */
final class RowCheck {
    static {
        ImageIO.scanForPlugins(); // readers in jars that Spark added after ImageIO was first used
    }

    private final DatasetManifest manifest;
    private final boolean decode;
    private final Problems problems;
    private final int frames;

    /**
     * Prepares the check.
     *
     * @param decode whether pictures are decoded
     * @param problems takes what is wrong
     */
    RowCheck(DatasetManifest manifest, boolean decode, Problems problems) {
        this.manifest = manifest;
        this.decode = decode;
        this.problems = problems;
        SampleShape shape = manifest.shape();
        this.frames = shape == null ? 1 : shape.frames();
    }

    /** Checks a row of an image shard. */
    void picture(Place place, ImageRow row) {
        check(place, row, 0);
    }

    /** Checks a row of a clip shard. */
    void clip(Place place, ClipRow row) {
        ClipTiming timing = row.timing();
        check(place, row.stack(), timing.window());
        List<Double> seconds = timing.seconds();
        if (seconds.size() != frames) {
            problem(
                    Problem.Kind.ROW,
                    place,
                    row.stack(),
                    "pts has %d times, the manifest says %d frames".formatted(seconds.size(), frames));
        }
        for (int i = 1; i < seconds.size(); i++) {
            if (!(seconds.get(i) > seconds.get(i - 1))) {
                problem(
                        Problem.Kind.ROW,
                        place,
                        row.stack(),
                        "pts of frame %d is %s, after %s of the frame before it"
                                .formatted(i, seconds.get(i), seconds.get(i - 1)));
                break;
            }
        }
    }

    private void check(Place place, ImageRow row, int window) {
        String id = Hashes.sampleId(row.source(), window);
        if (!row.id().equals(id)) {
            problem(
                    Problem.Kind.ROW,
                    place,
                    row,
                    "the id of source %s, window %d, is %s".formatted(row.source(), window, id));
        }
        label(place, row);
        SampleShape shape = manifest.shape();
        boolean size = shape == null
                ? row.width() > 0 && row.height() > 0
                : row.width() == shape.width() && row.height() == shape.height();
        if (!size) {
            problem(
                    Problem.Kind.ROW,
                    place,
                    row,
                    "width and height are %d × %d, the manifest says %s"
                            .formatted(
                                    row.width(),
                                    row.height(),
                                    shape == null ? "any size" : shape.width() + " × " + shape.height()));
        }
        String digest = Hashes.sha256(row.image());
        if (!digest.equals(row.sha256())) {
            problem(
                    Problem.Kind.PICTURE,
                    place,
                    row,
                    "SHA-256 of its bytes is %s, its row says %s".formatted(digest, row.sha256()));
        }
        if (decode) {
            decode(place, row);
        }
    }

    private void label(Place place, ImageRow row) {
        List<String> classes = manifest.classes();
        int label = row.label();
        if (label < 0 || label >= classes.size()) {
            problem(
                    Problem.Kind.ROW,
                    place,
                    row,
                    "label is %d, the manifest has %d classes".formatted(label, classes.size()));
        } else if (!row.className().equals(classes.get(label))) {
            problem(
                    Problem.Kind.ROW,
                    place,
                    row,
                    "class_name is %s, label %d is class %s".formatted(row.className(), label, classes.get(label)));
        }
    }

    private void decode(Place place, ImageRow row) {
        Rgb picture;
        try {
            picture = Objects.requireNonNull(manifest.encoding()).decode(row.image(), manifest.shape());
        } catch (IOException e) {
            problem(Problem.Kind.PICTURE, place, row, "cannot be decoded: " + e.getMessage());
            return;
        }
        int height = row.height() * frames;
        boolean same = picture.width() == row.width() && picture.height() == height;
        // what a camera held upright stores lying stays so where the bytes are the source's
        boolean turned = manifest.encoding() == Encoding.ORIGINAL
                && picture.width() == height
                && picture.height() == row.width();
        if (!same && !turned) {
            problem(
                    Problem.Kind.PICTURE,
                    place,
                    row,
                    "it has %d × %d pixels, its row says %d × %d"
                            .formatted(picture.width(), picture.height(), row.width(), height));
        }
    }

    private void problem(Problem.Kind kind, Place place, ImageRow row, String what) {
        problems.add(kind, place, row.id(), what);
    }
}
