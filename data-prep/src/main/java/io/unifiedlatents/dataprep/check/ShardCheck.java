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
import io.unifiedlatents.dataprep.check.Problem.Kind;
import java.io.IOException;
import java.io.Serializable;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/** The check of one shard. It is read twice: its bytes for the digest, its rows for everything else. */
final class ShardCheck {
    /**
     * A shard to check.
     *
     * @param split name of its data set, {@code .} for the directory itself
     * @param directory of the data set
     * @param index of the shard in its manifest
     */
    record Assignment(String split, String directory, int index) implements Serializable {}

    /** A row as it is compared across shards: its id must be unique, and its source belong to one split. */
    record CheckedRow(String id, String source, String split, Place place) implements Serializable {}

    /**
     * The result of the check.
     *
     * @param file path of the shard, relative to the prepared directory
     * @param whole whether every row group could be read
     * @param problems of this shard alone
     * @param rows all rows that could be read
     */
    record Result(String file, boolean whole, Problems problems, List<CheckedRow> rows) implements Serializable {}

    private final String split;
    private final Storage directory;
    private final DatasetManifest manifest;
    private final ShardInfo listed;
    private final Problems problems;
    private final boolean decode;
    private final String file;
    private final List<CheckedRow> checkedRows = new ArrayList<>();
    private final MessageDigest rowsDigest = Hashes.newSha256();
    private boolean whole = true;

    private ShardCheck(String split, Dataset dataset, int index, boolean decode, int limit) {
        this.split = split;
        this.directory = dataset.storage();
        this.manifest = dataset.manifest();
        this.listed = manifest.shards().get(index);
        this.problems = new Problems(limit);
        this.decode = decode;
        this.file = DatasetCheck.path(split, listed.name());
    }

    /**
     * Reads a shard and finds everything wrong with it.
     *
     * @param decode whether pictures are decoded
     * @param limit number of problems kept; all are counted
     * @throws IOException where the storage fails; damaged bytes are a problem of the result instead
     */
    static Result run(Assignment shard, boolean decode, int limit, Configuration hadoop) throws IOException {
        Dataset dataset = Dataset.open(Storage.at(shard.directory(), hadoop));
        ShardCheck check = new ShardCheck(shard.split(), dataset, shard.index(), decode, limit);
        ShardInfo found = check.describe();
        if (found == null) {
            check.whole = false;
        } else {
            check.compare(found);
            check.readRows(found);
        }
        return new Result(check.file, check.whole, check.problems, check.checkedRows);
    }

    private @Nullable ShardInfo describe() throws IOException {
        if (!directory.exists(listed.name())) {
            problem(Kind.SHARD, "missing; its manifest lists it with %,d rows".formatted(listed.rows()));
            return null;
        }
        try {
            return ShardReader.describe(directory, listed.name());
        } catch (CorruptDataException e) {
            long bytes = directory.length(listed.name());
            String length = bytes == listed.bytes()
                    ? ""
                    : "it has %,d bytes, its manifest says %,d: ".formatted(bytes, listed.bytes());
            problem(Kind.SHARD, length + e.getMessage());
            return null;
        }
    }

    private void compare(ShardInfo found) {
        compare("it has %,d bytes, its manifest says %,d", found.bytes(), listed.bytes());
        compare("SHA-256 is %s, its manifest says %s", found.sha256(), listed.sha256());
        compare("row groups have %s rows, its manifest says %s", found.rowGroups(), listed.rowGroups());
    }

    private void compare(String format, Object found, Object stated) {
        if (!found.equals(stated)) {
            problem(Kind.SHARD, format.formatted(found, stated));
        }
    }

    private void readRows(ShardInfo found) throws IOException {
        try (ShardReader reader = ShardReader.open(directory, found);
                ShardReader lenient = ShardReader.openDamaged(directory, found)) {
            for (String difference : reader.differences(manifest)) {
                problem(Kind.FOOTER, difference);
            }
            if (!reader.hasColumns(manifest.kind())) {
                whole = false;
                return;
            }
            for (int group = 0; group < reader.rowGroups(); group++) {
                readGroup(reader, lenient, group);
            }
            String digest = Hashes.hex(rowsDigest.digest());
            String stated = reader.footer().getOrDefault(ShardReader.ROWS_HASH, "missing");
            if (whole && !digest.equals(stated)) {
                String name = ShardReader.ROWS_HASH;
                problem(Kind.FOOTER, name + " is " + stated + ", ids and digests of the rows give " + digest);
            }
        }
    }

    private void readGroup(ShardReader reader, ShardReader lenient, int group) throws IOException {
        try {
            checkRows(reader, group);
        } catch (CorruptDataException e) {
            problems.add(Kind.SHARD, new Place(file, group, -1), "", String.valueOf(e.getMessage()));
            try {
                checkRows(lenient, group); // which rows are damaged?
            } catch (CorruptDataException again) {
                whole = false;
            }
        }
    }

    private void checkRows(ShardReader reader, int group) throws IOException {
        boolean clips = manifest.kind().equals(DatasetManifest.CLIPS);
        List<ClipRow> clipRows = clips ? reader.clips(group) : List.of();
        List<ImageRow> rows = clips ? clipRows.stream().map(ClipRow::stack).toList() : reader.images(group);
        for (int i = 0; i < rows.size(); i++) {
            ImageRow row = rows.get(i);
            Place place = new Place(file, group, i);
            new RowCheck(manifest, problems, place, row)
                    .run(clips ? clipRows.get(i).timing() : null, decode);
            rowsDigest.update(Hashes.rowBytes(row.id(), row.sha256()));
            checkedRows.add(new CheckedRow(row.id(), row.source(), split, place));
        }
    }

    private void problem(Kind kind, String what) {
        problems.add(kind, Place.of(file), "", what);
    }
}
