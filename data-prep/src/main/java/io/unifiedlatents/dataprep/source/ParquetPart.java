package io.unifiedlatents.dataprep.source;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;

/**
 * Row groups of a Parquet file that follow each other.
 *
 * @param from the first
 * @param end the one behind the last
 * @param bytes as stored
 */
record ParquetPart(SourceDirectory directory, FoundFile file, int from, int end, long bytes) implements Part {
    @Override
    public String name() {
        return file.path() + ", row groups from " + from;
    }

    @Override
    public PartReader open(Configuration hadoop) throws IOException {
        return new ParquetReader(this, hadoop);
    }

    /** Opens a file and reads its footer. Failures of the storage are {@link StoredFile.Failure}s. */
    static ParquetFileReader open(SourceDirectory directory, FoundFile file, Configuration hadoop) throws IOException {
        // of this reader alone: they hold the decompressors, which a reader releases when it is closed
        ParquetReadOptions options = ParquetReadOptions.builder()
                .usePageChecksumVerification()
                .withCodecFactory(new PageCodecs(hadoop))
                .build();
        return ParquetFileReader.open(new Stored(directory, file, hadoop), options);
    }

    private record Stored(SourceDirectory directory, FoundFile file, Configuration hadoop) implements InputFile {
        @Override
        public long getLength() {
            return file.length();
        }

        @Override
        public SeekableInputStream newStream() throws IOException {
            FSDataInputStream in;
            try {
                in = directory.fileSystem(hadoop).open(directory.path(file.path()));
            } catch (IOException e) {
                throw new StoredFile.Failure(e);
            }
            StoredFile stored = new StoredFile(file.path(), in, 0, file.length());
            return new DelegatingSeekableInputStream(stored) {
                @Override
                public long getPos() {
                    return stored.position();
                }

                @Override
                public void seek(long position) throws IOException {
                    stored.seek(position);
                }
            };
        }
    }
}
