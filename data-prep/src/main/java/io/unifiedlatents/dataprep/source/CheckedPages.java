package io.unifiedlatents.dataprep.source;

import java.util.Optional;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.io.ParquetDecodingException;
import org.jspecify.annotations.Nullable;

/** Pages whose numbers of values are believed only where they can be: Parquet allocates by them. */
record CheckedPages(PageReadStore pages) implements PageReadStore {
    @Override
    public PageReader getPageReader(ColumnDescriptor column) {
        PageReader reader = pages.getPageReader(column);
        return new PageReader() {
            @Override
            public @Nullable DictionaryPage readDictionaryPage() {
                DictionaryPage page = reader.readDictionaryPage();
                if (page != null) { // most values take a byte or more
                    requireAtMost(page.getDictionarySize(), page.getUncompressedSize() + 1L);
                }
                return page;
            }

            @Override
            public long getTotalValueCount() {
                return reader.getTotalValueCount();
            }

            @Override
            public @Nullable DataPage readPage() {
                DataPage page = reader.readPage();
                if (page != null) {
                    requireAtMost(page.getValueCount(), getRowCount()); // no column that we read repeats
                }
                return page;
            }
        };
    }

    private static void requireAtMost(long values, long most) {
        if (values < 0 || values > most) {
            throw new ParquetDecodingException("a page of " + values + " values, there can be " + most);
        }
    }

    @Override
    public long getRowCount() {
        return pages.getRowCount();
    }

    @Override
    public Optional<Long> getRowIndexOffset() {
        return pages.getRowIndexOffset();
    }
}
