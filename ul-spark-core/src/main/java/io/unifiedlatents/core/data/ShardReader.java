package io.unifiedlatents.core.data;

import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.Storage;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/**
 * A reader of the row groups of one shard. It reads only the columns asked for and verifies the checksum of each page;
 * damaged bytes give a {@link CorruptDataException} that names the shard. Not thread safe.
 */
public final class ShardReader implements Closeable {
    /** Footer key of pictures and clips: SHA-256 over {@link Hashes#rowBytes} of all rows in order. */
    public static final String ROWS_HASH = "ul.rows.sha256";

    private final String path;
    private final ShardInfo shard;
    private final ParquetFileReader file;

    private ShardReader(String path, ShardInfo shard, ParquetFileReader file) {
        this.path = path;
        this.shard = shard;
        this.file = file;
    }

    /**
     * Opens a shard and compares its length and row groups with the manifest.
     *
     * @throws CorruptDataException where they differ or the file is not Parquet
     */
    public static ShardReader open(Storage directory, ShardInfo shard) throws IOException {
        String path = directory.path(shard.name()).toString();
        long bytes = directory.length(shard.name());
        if (bytes != shard.bytes()) {
            throw corrupt(path, "it has " + bytes + " bytes, its manifest says " + shard.bytes(), null);
        }
        ParquetFileReader file = open(directory, shard.name(), bytes, true);
        List<Integer> rows = rowGroups(file);
        if (!rows.equals(shard.rowGroups())) {
            file.close();
            throw corrupt(path, "it has row groups " + rows + ", its manifest says " + shard.rowGroups(), null);
        }
        return new ShardReader(path, shard, file);
    }

    /** Hash of the encoder that made the latents of this shard; null for other shards. */
    @Nullable
    String encoderHash() {
        return footer().get(ShardSchema.ENCODER_HASH);
    }

    /**
     * Opens a shard whose pages may be damaged, to find the damaged rows: checksums of pages are not verified, and rows
     * may hold anything.
     *
     * @param shard as {@link #describe} found it
     */
    public static ShardReader openDamaged(Storage directory, ShardInfo shard) throws IOException {
        ParquetFileReader file = open(directory, shard.name(), shard.bytes(), false);
        return new ShardReader(directory.path(shard.name()).toString(), shard, file);
    }

    /**
     * Whether a shard that no manifest lists yet equals the one to be written: it has this footer and rows of this
     * digest.
     *
     * @param kind {@link DatasetManifest#IMAGES} or {@link DatasetManifest#CLIPS}
     * @param rowsHash digest over {@link Hashes#rowBytes} of its rows; null where the footer alone identifies them
     * @throws CorruptDataException where the file is not Parquet
     */
    public static boolean isWritten(
            Storage directory, String name, String kind, ShardFooter footer, @Nullable String rowsHash)
            throws IOException {
        Map<String, String> expected = ShardSchema.footer(ShardSchema.of(kind), footer);
        try (ParquetFileReader file = open(directory, name, directory.length(name), true)) {
            Map<String, String> found = file.getFileMetaData().getKeyValueMetaData();
            expected.put(ROWS_HASH, rowsHash == null ? String.valueOf(found.get(ROWS_HASH)) : rowsHash);
            return found.equals(expected);
        }
    }

    /**
     * Describes a shard that no manifest lists yet, by reading it whole.
     *
     * @throws CorruptDataException where the file is not Parquet
     */
    public static ShardInfo describe(Storage directory, String name) throws IOException {
        Hashes.Content content = Hashes.content(directory, name);
        try (ParquetFileReader file = open(directory, name, content.bytes(), true)) {
            List<Integer> groups = rowGroups(file);
            int rows = groups.stream().mapToInt(Integer::intValue).sum();
            return new ShardInfo(name, rows, groups, content.bytes(), content.sha256());
        }
    }

    private static ParquetFileReader open(Storage directory, String name, long bytes, boolean checksums)
            throws IOException {
        // options are not shared: they hold decompressors, which a reader releases when it is closed
        ParquetReadOptions options = ParquetReadOptions.builder()
                .usePageChecksumVerification(checksums)
                .build();
        try {
            return ParquetFileReader.open(new ShardFile.Input(directory, name, bytes), options);
        } catch (IOException | RuntimeException e) {
            throw translate(directory.path(name).toString(), "its footer cannot be read", e);
        }
    }

    private static List<Integer> rowGroups(ParquetFileReader file) {
        return file.getRowGroups().stream()
                .map(block -> Math.toIntExact(block.getRowCount()))
                .toList();
    }

    /** Number of row groups. */
    public int rowGroups() {
        return shard.rowGroups().size();
    }

    /** The key-values of the footer. */
    public Map<String, String> footer() {
        return file.getFileMetaData().getKeyValueMetaData();
    }

    /** Whether the columns are those of {@link DatasetManifest#IMAGES} or {@link DatasetManifest#CLIPS}. */
    public boolean hasColumns(String kind) {
        return file.getFileMetaData().getSchema().equals(ShardSchema.of(kind));
    }

    /**
     * Returns the differences of columns and footer from the manifest of pictures or clips; the digest of the rows is
     * not compared.
     */
    public List<String> differences(DatasetManifest manifest) {
        List<String> differences = new ArrayList<>();
        if (!hasColumns(manifest.kind())) {
            String columns = file.getFileMetaData().getSchema().toString().replaceAll("\\s+", " ");
            differences.add("its columns are not those of " + manifest.kind() + ": " + columns);
        }
        Map<String, String> found = footer();
        ShardSchema.footer(manifest).forEach((key, expected) -> {
            String value = found.get(key);
            if (!expected.equals(value)) {
                differences.add("footer's %s is %s, its manifest makes it %s".formatted(key, value, expected));
            }
        });
        return differences;
    }

    /** All columns of row group {@code index} of an image shard, in file order. */
    public List<ImageRow> images(int index) throws IOException {
        return read(index, ShardSchema.IMAGES, row -> pictureRow(row, ShardSchema.IMAGE));
    }

    /** All columns of row group {@code index} of a clip shard, in file order. */
    public List<ClipRow> clips(int index) throws IOException {
        return read(index, ShardSchema.CLIPS, ShardReader::clipRow);
    }

    /** The columns of row group {@code index} of an image or clip shard that training needs, in file order. */
    public List<ImageSample> samples(int index) throws IOException {
        boolean clips = file.getFileMetaData().getSchema().containsField(ShardSchema.CLIP);
        String pixels = clips ? ShardSchema.CLIP : ShardSchema.IMAGE;
        return read(
                index,
                ShardSchema.samples(pixels),
                row -> new ImageSample(
                        row.getString(ShardSchema.ID, 0), stored(row, pixels), row.getInteger(ShardSchema.LABEL, 0)));
    }

    /** Row group {@code index} of a latent shard, in file order. */
    public List<LatentRow> latents(int index) throws IOException {
        return read(index, ShardSchema.LATENTS, ShardReader::latentRow);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private <R> List<R> read(int index, MessageType columns, Function<Group, R> row) throws IOException {
        try {
            file.setRequestedSchema(columns);
            PageReadStore pages = file.readRowGroup(index);
            RecordReader<Group> records = new ColumnIOFactory()
                    .getColumnIO(columns)
                    .getRecordReader(pages, new GroupRecordConverter(columns));
            int count = Math.toIntExact(pages.getRowCount());
            List<R> rows = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                rows.add(row.apply(records.read()));
            }
            return rows;
        } catch (IOException | RuntimeException e) {
            throw translate(path, "row group " + index + " cannot be read", e);
        }
    }

    private static ImageRow pictureRow(Group row, String pixels) {
        return new ImageRow(
                row.getString(ShardSchema.ID, 0),
                stored(row, pixels),
                row.getInteger(ShardSchema.LABEL, 0),
                row.getString(ShardSchema.CLASS_NAME, 0),
                row.getFieldRepetitionCount(ShardSchema.CAPTION) == 0 ? null : row.getString(ShardSchema.CAPTION, 0),
                row.getInteger(ShardSchema.WIDTH, 0),
                row.getInteger(ShardSchema.HEIGHT, 0),
                row.getString(ShardSchema.SOURCE, 0),
                row.getString(ShardSchema.SHA256, 0));
    }

    private static ClipRow clipRow(Group row) {
        Group list = row.getGroup(ShardSchema.SECONDS, 0);
        List<Double> seconds = new ArrayList<>();
        for (int i = 0; i < list.getFieldRepetitionCount(0); i++) {
            seconds.add(list.getGroup(0, i).getDouble(0, 0));
        }
        ClipTiming timing = new ClipTiming(
                row.getInteger(ShardSchema.WINDOW, 0),
                row.getInteger(ShardSchema.FIRST_FRAME, 0),
                row.getInteger(ShardSchema.STRIDE, 0),
                row.getDouble(ShardSchema.FRAMES_PER_SECOND, 0),
                row.getDouble(ShardSchema.SOURCE_FRAMES_PER_SECOND, 0),
                seconds);
        return new ClipRow(pictureRow(row, ShardSchema.CLIP), timing);
    }

    private static byte[] stored(Group row, String pixels) {
        return row.getGroup(pixels, 0).getBinary(ShardSchema.BYTES, 0).getBytes();
    }

    private static LatentRow latentRow(Group row) {
        ByteBuffer bytes = row.getBinary(ShardSchema.LATENT, 0).toByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        float[] latent = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(latent);
        return new LatentRow(row.getString(ShardSchema.ID, 0), row.getInteger(ShardSchema.LABEL, 0), latent);
    }

    /** Tells failures of the storage, which a retry may cure, from bytes that are damaged for good. */
    private static IOException translate(String path, String what, Exception e) {
        boolean storageFailed = e instanceof IOException && !(e instanceof EOFException) && !isThrift(e.getCause());
        return storageFailed ? (IOException) e : corrupt(path, what + " (" + e.getMessage() + ")", e);
    }

    private static boolean isThrift(@Nullable Throwable cause) {
        return cause != null && cause.getClass().getName().contains(".thrift.");
    }

    private static CorruptDataException corrupt(String path, String what, @Nullable Throwable cause) {
        return new CorruptDataException("shard " + path + ": " + what + "; copy or prepare it again", cause);
    }
}
