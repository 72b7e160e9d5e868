package io.unifiedlatents.dataprep;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * One shard to write.
 *
 * @param split {@code train} or {@code validation}
 * @param index number of the shard within its split
 * @param inputs rows in order
 * @param labels label of each row
 */
record ShardPlan(String split, int index, List<Input> inputs, List<Integer> labels) implements Serializable {
    ShardPlan {
        inputs = new ArrayList<>(inputs); // sublists of the plan would take the whole plan along
        labels = new ArrayList<>(labels);
    }

    /** File name within the directory of the split. */
    String name() {
        return "shard-%06d.parquet".formatted(index);
    }
}
