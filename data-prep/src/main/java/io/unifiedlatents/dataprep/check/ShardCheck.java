package io.unifiedlatents.dataprep.check;

import io.unifiedlatents.core.data.ClipRow;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.ImageRow;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.core.data.ShardReader;
import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One shard, read twice: its bytes for the digest, its rows for everything else. Finds all that is wrong with it. */
final class ShardCheck {
    private final String split;
    private final Storage directory;
    private final DatasetManifest manifest;
    private final ShardInfo listed;
    private final Problems problems;
    private final RowCheck rowCheck;
    private final String file;
    private final List<CheckedShard.Seen> seen = new ArrayList<>();
    private final MessageDigest rowsDigest = Hashes.newSha256();
    private boolean whole = true;

    /**
     * Prepares the check.
     *
     * @param split name of the data set, {@code .} where the directory is one itself
     * @param index of the shard in its manifest
     * @param decode whether pictures are decoded
     * @param limit how many problems are kept
     */
    ShardCheck(String split, Dataset dataset, int index, boolean decode, int limit) {
        this.split = split;
        this.directory = dataset.storage();
        this.manifest = dataset.manifest();
        this.listed = manifest.shards().get(index);
        this.problems = new Problems(limit);
        this.rowCheck = new RowCheck(manifest, decode, problems);
        this.file = split.equals(".") ? listed.name() : split + "/" + listed.name();
    }

    /**
     * Reads the shard.
     *
     * @throws IOException where the storage fails; what is wrong with the bytes is a problem and thrown by no one
     */
    CheckedShard run() throws IOException {
        ShardInfo found = describe();
        if (found == null) {
            whole = false;
        } else {
            compare(found);
            readRows(found);
        }
        return new CheckedShard(split, file, whole, problems, seen);
    }

    private @Nullable ShardInfo describe() throws IOException {
        if (!directory.exists(listed.name())) {
            problem(Problem.Kind.SHARD, "missing; its manifest lists it with %,d rows".formatted(listed.rows()));
            return null;
        }
        try {
            return ShardReader.describe(directory, listed.name());
        } catch (CorruptDataException e) {
            long bytes = directory.length(listed.name());
            String length = bytes == listed.bytes()
                    ? ""
                    : "it has %,d bytes, its manifest says %,d: ".formatted(bytes, listed.bytes());
            problem(Problem.Kind.SHARD, length + e.getMessage());
            return null;
        }
    }

    private void compare(ShardInfo found) {
        if (found.bytes() != listed.bytes()) {
            problem(
                    Problem.Kind.SHARD,
                    "it has %,d bytes, its manifest says %,d".formatted(found.bytes(), listed.bytes()));
        }
        if (!found.sha256().equals(listed.sha256())) {
            problem(
                    Problem.Kind.SHARD,
                    "SHA-256 is %s, its manifest says %s".formatted(found.sha256(), listed.sha256()));
        }
        if (!found.rowGroups().equals(listed.rowGroups())) {
            problem(
                    Problem.Kind.SHARD,
                    "row groups have %s rows, its manifest says %s".formatted(found.rowGroups(), listed.rowGroups()));
        }
    }

    private void readRows(ShardInfo found) throws IOException {
        try (ShardReader reader = ShardReader.open(directory, found);
                ShardReader lenient = ShardReader.openDamaged(directory, found)) {
            for (String difference : reader.differences(manifest)) {
                problem(Problem.Kind.FOOTER, difference);
            }
            if (!reader.hasColumns(manifest.kind())) {
                whole = false;
                return;
            }
            for (int group = 0; group < reader.rowGroups(); group++) {
                readGroup(reader, lenient, group);
            }
            String digest = Hashes.hex(rowsDigest.digest());
            String stated = reader.footer().getOrDefault(ShardReader.ROWS_HASH, "");
            if (whole && !digest.equals(stated)) {
                problem(
                        Problem.Kind.FOOTER,
                        "%s is %s, ids and digests of the rows give %s"
                                .formatted(ShardReader.ROWS_HASH, stated.isEmpty() ? "missing" : stated, digest));
            }
        }
    }

    private void readGroup(ShardReader reader, ShardReader lenient, int group) throws IOException {
        try {
            check(reader, group);
        } catch (CorruptDataException e) {
            problems.add(Problem.Kind.SHARD, new Place(file, group, -1), String.valueOf(e.getMessage()));
            try {
                check(lenient, group); // which rows are damaged?
            } catch (CorruptDataException again) {
                whole = false;
            }
        }
    }

    private void check(ShardReader reader, int group) throws IOException {
        if (manifest.kind().equals(DatasetManifest.CLIPS)) {
            List<ClipRow> rows = reader.clips(group);
            for (int row = 0; row < rows.size(); row++) {
                Place place = new Place(file, group, row);
                rowCheck.clip(place, rows.get(row));
                record(place, rows.get(row).stack());
            }
        } else {
            List<ImageRow> rows = reader.images(group);
            for (int row = 0; row < rows.size(); row++) {
                Place place = new Place(file, group, row);
                rowCheck.picture(place, rows.get(row));
                record(place, rows.get(row));
            }
        }
    }

    private void record(Place place, ImageRow row) {
        rowsDigest.update(Hashes.rowBytes(row.id(), row.sha256()));
        seen.add(new CheckedShard.Seen(row.id(), row.source(), split, place));
    }

    private void problem(Problem.Kind kind, String what) {
        problems.add(kind, Place.of(file), what);
    }
}
