package io.unifiedlatents.dataprep.source;

import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/** Inputs of row groups, one group in memory at a time. Rows behind damage are lost as far as their row group goes. */
final class ParquetReader implements PartReader {
    /** The pattern of Hugging Face's names for the files of a split. */
    private static final Pattern SPLIT =
            Pattern.compile("(train|validation|valid|val|test)-\\d+-of-\\d+(-[0-9a-f]+)?\\.parquet");

    private final ParquetPart part;
    private final @Nullable String split;
    private @Nullable ParquetFileReader file;
    private @Nullable ParquetColumns columns;
    private @Nullable SourceInput damage;
    private @Nullable RecordReader<Group> records;
    private int group;
    private long firstRow;
    private long row;

    ParquetReader(ParquetPart part, Configuration hadoop) throws StoredFile.Failure {
        this.part = part;
        this.group = part.from();
        Matcher name = SPLIT.matcher(part.file().name());
        this.split = name.matches() ? name.group(1) : null;
        try {
            file = ParquetPart.open(part.directory(), part.file(), hadoop);
            columns = ParquetColumns.find(
                    file.getFileMetaData().getSchema(), file.getFileMetaData().getKeyValueMetaData());
            if (columns == null) {
                damage = unusable("no bytes: no column could hold them");
            } else {
                file.setRequestedSchema(columns.projection());
                List<BlockMetaData> groups = file.getRowGroups();
                for (int i = 0; i < part.from(); i++) {
                    firstRow += groups.get(i).getRowCount();
                }
            }
        } catch (IOException | RuntimeException e) {
            columns = null;
            damage = unusable("damaged file: its footer cannot be read (" + StoredFile.damage(e) + ")");
        }
    }

    @Override
    public @Nullable SourceInput next() throws IOException {
        if (file == null || columns == null) {
            SourceInput once = damage;
            damage = null;
            return once;
        }
        while (group < part.end()) {
            BlockMetaData block = file.getRowGroups().get(group);
            try {
                if (records == null) {
                    records = open(file, block, columns.projection());
                }
                if (row < block.getRowCount()) {
                    SourceInput input = columns.input(at(firstRow + row), records.read(), split);
                    row++;
                    return input;
                }
                nextGroup(block);
            } catch (IOException | RuntimeException e) {
                String problem = "damaged file: row group " + group + " cannot be read, rows " + (firstRow + row)
                        + " to " + (firstRow + block.getRowCount() - 1) + " are lost (" + StoredFile.damage(e) + ")";
                SourceInput lost = SourceInput.unusable(at(firstRow + row), -1, problem);
                nextGroup(block);
                return lost;
            }
        }
        return null;
    }

    private RecordReader<Group> open(ParquetFileReader reader, BlockMetaData block, MessageType schema)
            throws IOException {
        for (ColumnChunkMetaData column : block.getColumns()) {
            long start = column.getStartingPos();
            if (start < 0
                    || column.getTotalSize() < 0
                    || column.getTotalSize() > part.file().length() - start) {
                throw new IOException("column " + column.getPath() + " lies outside of the file");
            }
        }
        PageReadStore pages = new CheckedPages(reader.readRowGroup(group));
        return new ColumnIOFactory().getColumnIO(schema).getRecordReader(pages, new GroupRecordConverter(schema));
    }

    private void nextGroup(BlockMetaData block) {
        firstRow += block.getRowCount();
        row = 0;
        records = null;
        group++;
    }

    private String at(long index) {
        return part.file().path() + "#" + index;
    }

    private SourceInput unusable(String problem) {
        return SourceInput.unusable(part.file().path(), -1, problem);
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
