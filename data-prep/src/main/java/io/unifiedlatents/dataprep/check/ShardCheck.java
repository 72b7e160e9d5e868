package io.unifiedlatents.dataprep.check;

import com.google.errorprone.annotations.FormatMethod;
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
    private final RowCheck rowCheck;
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
        this.rowCheck = new RowCheck(manifest, decode, problems);
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
            require(false, Kind.SHARD, "missing; its manifest lists it with %,d rows", listed.rows());
            return null;
        }
        try {
            return ShardReader.describe(directory, listed.name());
        } catch (CorruptDataException e) {
            long bytes = directory.length(listed.name());
            String length = bytes == listed.bytes()
                    ? ""
                    : "it has %,d bytes, its manifest says %,d: ".formatted(bytes, listed.bytes());
            require(false, Kind.SHARD, "%s%s", length, e.getMessage());
            return null;
        }
    }

    private void compare(ShardInfo found) {
        require(
                found.bytes() == listed.bytes(),
                Kind.SHARD,
                "it has %,d bytes, its manifest says %,d",
                found.bytes(),
                listed.bytes());
        require(
                found.sha256().equals(listed.sha256()),
                Kind.SHARD,
                "SHA-256 is %s, its manifest says %s",
                found.sha256(),
                listed.sha256());
        require(
                found.rowGroups().equals(listed.rowGroups()),
                Kind.SHARD,
                "row groups have %s rows, its manifest says %s",
                found.rowGroups(),
                listed.rowGroups());
    }

    private void readRows(ShardInfo found) throws IOException {
        try (ShardReader reader = ShardReader.open(directory, found);
                ShardReader lenient = ShardReader.openDamaged(directory, found)) {
            for (String difference : reader.differences(manifest)) {
                require(false, Kind.FOOTER, "%s", difference);
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
            require(
                    !whole || digest.equals(stated),
                    Kind.FOOTER,
                    "%s is %s, ids and digests of the rows give %s",
                    ShardReader.ROWS_HASH,
                    stated,
                    digest);
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
            rowCheck.check(place, row, clips ? clipRows.get(i).timing() : null);
            rowsDigest.update(Hashes.rowBytes(row.id(), row.sha256()));
            checkedRows.add(new CheckedRow(row.id(), row.source(), split, place));
        }
    }

    @FormatMethod
    private void require(boolean holds, Kind kind, String format, @Nullable Object... values) {
        if (!holds) {
            problems.add(kind, Place.of(file), "", format.formatted(values));
        }
    }
}
