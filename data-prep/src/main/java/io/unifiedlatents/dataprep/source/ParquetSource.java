package io.unifiedlatents.dataprep.source;

import io.unifiedlatents.core.config.Check;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;

/** Tables in Parquet, see {@link ParquetColumns}; a part is a file, or row groups of a large one. */
record ParquetSource(Listing listing, Configuration hadoop, long splitBytes) implements Source {
    ParquetSource(Listing listing, Configuration hadoop) {
        this(listing, hadoop, FilesPart.MOST_BYTES);
    }

    /** The parts of a file, and whether it has a column of inputs. */
    private record Divided(List<Part> parts, boolean usable, String columns) {}

    @Override
    public List<Part> parts() throws IOException {
        List<FoundFile> tables = listing.chosen(name -> name.endsWith(".parquet"));
        Check.setting(!tables.isEmpty(), "prepare.source=%s has no .parquet files", listing.directory());
        List<Part> parts = new ArrayList<>();
        boolean usable = false;
        String columns = "";
        for (Divided divided : InParallel.map(tables, this::divide)) {
            parts.addAll(divided.parts);
            usable |= divided.usable;
            columns = divided.columns;
        }
        Check.setting(
                usable,
                "prepare.source=%s has the columns %s; pictures are looked for in image, as binary or as a struct of"
                        + " bytes and path, in content, and in the only column that could hold them",
                listing.directory(),
                columns);
        return parts;
    }

    private Divided divide(FoundFile table) throws IOException {
        if (table.problem() != null) {
            return new Divided(List.of(new FilesPart(listing.directory(), List.of(table))), true, "");
        }
        List<Part> parts = new ArrayList<>();
        try (ParquetFileReader file = ParquetPart.open(listing.directory(), table, hadoop)) {
            List<BlockMetaData> groups = file.getRowGroups();
            int start = 0;
            long bytes = 0;
            for (int i = 0; i < groups.size(); i++) {
                long size = Math.max(0, groups.get(i).getCompressedSize());
                if (i > start && bytes + size > splitBytes) {
                    parts.add(new ParquetPart(listing.directory(), table, start, i, bytes));
                    start = i;
                    bytes = 0;
                }
                bytes += size;
            }
            parts.add(new ParquetPart(listing.directory(), table, start, groups.size(), bytes));
            boolean usable = ParquetColumns.find(
                            file.getFileMetaData().getSchema(),
                            file.getFileMetaData().getKeyValueMetaData())
                    != null;
            return new Divided(
                    parts,
                    usable,
                    file.getFileMetaData().getSchema().getFields().toString());
        } catch (IOException | RuntimeException e) {
            StoredFile.rethrow(e); // what reads the file reports the damage
            return new Divided(List.of(new ParquetPart(listing.directory(), table, 0, 0, table.length())), true, "");
        }
    }
}
