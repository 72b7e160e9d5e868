package io.unifiedlatents.dataprep.source;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;

/**
 * A tar archive, or members of it that follow each other.
 *
 * @param from where the headers of the first member begin
 * @param end the byte behind the last member, or the length of the file
 */
record ArchivePart(SourceDirectory directory, FoundFile file, long from, long end) implements Part {
    @Override
    public String name() {
        return bytes() == file.length() ? file.path() : file.path() + ", bytes " + from + " to " + end;
    }

    @Override
    public long bytes() {
        return end - from;
    }

    @Override
    public PartReader open(Configuration hadoop) throws IOException {
        FSDataInputStream in = directory.fileSystem(hadoop).open(directory.path(file.path()));
        try {
            return new ArchiveReader(file.path(), new StoredFile(file.path(), in, from, end), end < file.length());
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }
}
