package io.unifiedlatents.dataprep.check;

import java.io.Serializable;
import java.util.List;

/**
 * What was read of a shard.
 *
 * @param split data set that lists it
 * @param file relative to the prepared directory
 * @param whole whether every row group could be read
 * @param problems of this shard alone
 * @param rows those read, for checks across shards
 */
record CheckedShard(String split, String file, boolean whole, Problems problems, List<Seen> rows)
        implements Serializable {
    /** A row of the shard: what must be unique, or belong to one split. */
    record Seen(String id, String source, String split, Place place) implements Serializable {}
}
