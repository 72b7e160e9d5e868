package io.unifiedlatents.core.data;

import io.unifiedlatents.core.config.Check;
import java.io.Serializable;
import java.util.List;

/**
 * One shard file as listed in a manifest.
 *
 * @param name file name in the directory of the data set
 * @param rows rows in the file
 * @param rowGroups rows in each row group, in file order; their sum is {@code rows}
 * @param bytes length of the file
 * @param sha256 digest of the file, 64 hex digits
 */
public record ShardInfo(String name, int rows, List<Integer> rowGroups, long bytes, String sha256)
        implements Serializable {
    /** Checks that the row groups add up. */
    public ShardInfo {
        rowGroups = List.copyOf(rowGroups);
        int sum = 0;
        for (int groupRows : rowGroups) {
            Check.argument(groupRows > 0, "shard %s: a row group has %d rows, must have at least 1", name, groupRows);
            sum = Math.addExact(sum, groupRows);
        }
        Check.argument(sum == rows, "shard %s: its row groups have %d rows together, listed are %d", name, sum, rows);
    }
}
