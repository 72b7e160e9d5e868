package io.unifiedlatents.dataprep.source;

import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;

/** A stretch of a source that one task reads from beginning to end. Small, for it travels to that task. */
public interface Part extends Serializable {
    /** The name in logs, the same in every run. */
    String name();

    /** About how many bytes there are to read; 0 where that is not known. */
    long bytes();

    /**
     * Starts to read; the caller closes the reader.
     *
     * @param hadoop settings of the file systems, among them the credentials of object stores
     * @throws IOException where the storage fails; damaged content is reported by the reader
     */
    PartReader open(Configuration hadoop) throws IOException;
}
