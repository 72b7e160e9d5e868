package io.unifiedlatents.core.data;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.storage.PendingFile;
import io.unifiedlatents.core.storage.Storage;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ColumnWriter;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/**
 * A writer of one shard with row groups of given sizes. Equal rows give equal bytes. The current row group is held in
 * memory. The file appears under its name in {@link #finish}, whole; {@link #close} before that leaves nothing behind.
 * Not thread safe.
 *
 * @param <R> {@link ImageRow}, {@link ClipRow} or {@link LatentRow}
 */
public final class ShardWriter<R> implements Closeable {
    private static final int INDEX_TRUNCATE_BYTES = 64;
    private static final ParquetProperties PROPERTIES = ParquetProperties.builder()
            .withDictionaryEncoding(false)
            .withDictionaryEncoding(ShardSchema.CLASS_NAME, true)
            .withPageWriteChecksumEnabled(true)
            .build();

    private final String name;
    private final PendingFile pending;
    private final MessageType schema;
    private final Map<String, String> footer;
    private final RowGroupLimit limit;
    private final @Nullable List<Integer> exactGroups;
    private final BiConsumer<R, List<ColumnWriter>> columnsOf;
    private final Function<R, @Nullable ImageRow> pictureOf;
    private final MessageDigest rowsDigest = Hashes.newSha256();
    private final ShardFile.Output output;
    private final ParquetFileWriter file;
    private final List<Integer> groups = new ArrayList<>();
    private @Nullable RowGroup group;
    private boolean finished;

    private ShardWriter(
            Storage directory,
            String name,
            MessageType schema,
            Map<String, String> footer,
            RowGroupLimit limit,
            @Nullable List<Integer> exactGroups,
            BiConsumer<R, List<ColumnWriter>> columnsOf,
            Function<R, @Nullable ImageRow> pictureOf)
            throws IOException {
        this.name = name;
        this.pending = directory.begin(name);
        this.schema = schema;
        this.footer = footer;
        this.limit = limit;
        this.exactGroups = exactGroups;
        this.columnsOf = columnsOf;
        this.pictureOf = pictureOf;
        this.output = new ShardFile.Output(pending);
        this.file = new ParquetFileWriter(
                output,
                schema,
                ParquetFileWriter.Mode.OVERWRITE,
                Long.MAX_VALUE,
                0,
                INDEX_TRUNCATE_BYTES,
                INDEX_TRUNCATE_BYTES,
                true);
        file.start();
    }

    /** Starts an image shard, {@code name} being its file name below {@code directory}. */
    public static ShardWriter<ImageRow> images(
            Storage directory, String name, RowGroupLimit rowGroups, ShardFooter footer) throws IOException {
        return new ShardWriter<>(
                directory,
                name,
                ShardSchema.IMAGES,
                ShardSchema.footer(ShardSchema.IMAGES, footer),
                rowGroups,
                null,
                ShardWriter::pictureColumns,
                row -> row);
    }

    /** Starts a clip shard, {@code name} being its file name below {@code directory}. */
    public static ShardWriter<ClipRow> clips(
            Storage directory, String name, RowGroupLimit rowGroups, ShardFooter footer) throws IOException {
        return new ShardWriter<>(
                directory,
                name,
                ShardSchema.CLIPS,
                ShardSchema.footer(ShardSchema.CLIPS, footer),
                rowGroups,
                null,
                ShardWriter::clipColumns,
                ClipRow::stack);
    }

    /**
     * Starts a latent shard with the row groups of an image shard.
     *
     * @param images the shard whose pictures the latents are made from; {@link #finish} requires all of its rows
     * @param encoderHash hash of the encoder, for the footer
     * @param configHash hash of the settings, for the footer
     */
    public static ShardWriter<LatentRow> latents(
            Storage directory, ShardInfo images, SampleShape shape, String encoderHash, String configHash)
            throws IOException {
        int values = shape.values();
        return new ShardWriter<>(
                directory,
                images.name(),
                ShardSchema.LATENTS,
                ShardSchema.latentsFooter(shape, encoderHash, images.sha256(), configHash),
                RowGroupLimit.rows(Integer.MAX_VALUE),
                images.rowGroups(),
                (row, columns) -> latentColumns(row, columns, values),
                row -> null);
    }

    /**
     * Appends a row.
     *
     * @throws IllegalArgumentException for a latent of the wrong length, or one more than the image shard has rows
     */
    public void write(R row) throws IOException {
        Check.argument(!finished, "shard %s is finished, no row can follow", name);
        Check.argument(
                exactGroups == null || groups.size() < exactGroups.size(),
                "shard %s is full: it has all of its %d row groups",
                name,
                groups.size());
        int rows = exactGroups == null ? limit.rows() : exactGroups.get(groups.size());
        RowGroup open = group == null ? new RowGroup() : group;
        group = open;
        open.append(row);
        if (open.rows == rows || open.bytes >= limit.bytes()) {
            flush(open);
        }
    }

    /**
     * Completes the file, publishes it under its name and describes it.
     *
     * @throws IllegalArgumentException where no row was written, or a latent shard lacks rows of its image shard
     */
    public ShardInfo finish() throws IOException {
        Check.argument(!finished, "shard %s is finished already", name);
        if (group != null) {
            flush(group);
        }
        int rows = groups.stream().mapToInt(Integer::intValue).sum();
        Check.argument(rows > 0, "shard %s has no rows", name);
        Check.argument(
                exactGroups == null || groups.equals(exactGroups),
                "shard %s has row groups %s, fewer rows than its image shard",
                name,
                groups);
        if (!schema.equals(ShardSchema.LATENTS)) {
            footer.put(ShardReader.ROWS_HASH, Hashes.hex(rowsDigest.digest()));
        }
        output.holdTail();
        file.end(footer);
        output.releaseTail();
        pending.commit();
        finished = true;
        return new ShardInfo(name, rows, groups, output.getPos(), output.sha256());
    }

    /** Abandons the shard, unless it is finished. */
    @Override
    public void close() throws IOException {
        finished = true;
        pending.close();
    }

    private void flush(RowGroup full) throws IOException {
        full.flush();
        groups.add(full.rows);
        group = null;
    }

    private static void pictureColumns(ImageRow row, List<ColumnWriter> columns) {
        string(columns.get(0), row.id());
        columns.get(1).write(Binary.fromConstantByteArray(row.image()), 0, 0);
        columns.get(2).writeNull(0, 0); // the path of Hugging Face's layout: ours is in source
        columns.get(3).write(row.label(), 0, 0);
        string(columns.get(4), row.className());
        String caption = row.caption();
        if (caption == null) {
            columns.get(5).writeNull(0, 0);
        } else {
            columns.get(5).write(Binary.fromString(caption), 0, 1);
        }
        columns.get(6).write(row.width(), 0, 0);
        columns.get(7).write(row.height(), 0, 0);
        string(columns.get(8), row.source());
        string(columns.get(9), row.sha256());
    }

    private static void clipColumns(ClipRow row, List<ColumnWriter> columns) {
        pictureColumns(row.stack(), columns);
        ClipTiming timing = row.timing();
        columns.get(10).write(timing.window(), 0, 0);
        columns.get(11).write(timing.firstFrame(), 0, 0);
        columns.get(12).write(timing.stride(), 0, 0);
        columns.get(13).write(timing.framesPerSecond(), 0, 0);
        columns.get(14).write(timing.sourceFramesPerSecond(), 0, 0);
        for (int i = 0; i < timing.seconds().size(); i++) {
            columns.get(15).write(timing.seconds().get(i).doubleValue(), Math.min(i, 1), 1);
        }
    }

    private static void latentColumns(LatentRow row, List<ColumnWriter> columns, int values) {
        float[] latent = row.latent();
        Check.argument(latent.length == values, "latent %s has %d values, not %d", row.id(), latent.length, values);
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.multiplyExact(values, Float.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(latent);
        string(columns.get(0), row.id());
        columns.get(1).write(row.label(), 0, 0);
        columns.get(2).write(Binary.fromConstantByteArray(bytes.array()), 0, 0);
    }

    private static void string(ColumnWriter column, String value) {
        column.write(Binary.fromString(value), 0, 0);
    }

    /** The current row group in columns; Parquet's own record writer would cut row groups by bytes. */
    private final class RowGroup {
        private final ColumnChunkPageWriteStore pages;
        private final ColumnWriteStore columns;
        private final List<ColumnWriter> writers = new ArrayList<>();
        private int rows;
        private long bytes;

        RowGroup() {
            var compressor = new CodecFactory(new Configuration(false), ParquetProperties.DEFAULT_PAGE_SIZE)
                    .getCompressor(CompressionCodecName.UNCOMPRESSED);
            pages = new ColumnChunkPageWriteStore(
                    compressor, schema, HeapByteBufferAllocator.getInstance(), INDEX_TRUNCATE_BYTES, true);
            columns = PROPERTIES.newColumnWriteStore(schema, pages, pages);
            for (ColumnDescriptor column : schema.getColumns()) {
                writers.add(columns.getColumnWriter(column));
            }
        }

        void append(R row) {
            columnsOf.accept(row, writers);
            columns.endRecord();
            rows++;
            ImageRow picture = pictureOf.apply(row);
            if (picture != null) {
                bytes += picture.image().length;
                rowsDigest.update(Hashes.rowBytes(picture.id(), picture.sha256()));
            }
        }

        void flush() throws IOException {
            file.startBlock(rows);
            columns.flush();
            pages.flushToFileWriter(file);
            file.endBlock();
            columns.close();
        }
    }
}
