package io.unifiedlatents.core.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FloatVectorTest {
    @Test
    void slicesEndWithTheirSegment() {
        FloatVector vector = CollectiveContract.segmented(new float[] {0, 1, 2, 3, 4, 5, 6}, 3);
        assertThat(vector.size()).isEqualTo(7);
        assertThat(vector.slice(0, 100).remaining()).isEqualTo(3);
        assertThat(vector.slice(4, 100).remaining()).isEqualTo(2);
        assertThat(vector.slice(4, 1).remaining()).isEqualTo(1);
        assertThat(vector.slice(6, 100).get(0)).isEqualTo(6f);
        assertThat(vector.slice(7, 100).remaining()).isZero();
        assertThat(vector.bytes(4, 100).getFloat(4)).isEqualTo(5f);
        assertThat(vector.slices()).hasSize(3);
    }

    @Test
    void rangesAreViewsOfTheSameMemory() {
        FloatVector vector = CollectiveContract.segmented(new float[] {0, 1, 2, 3, 4, 5, 6}, 3);
        FloatVector inner = vector.range(1, 7).range(1, 5);
        assertThat(inner.toArray()).containsExactly(2, 3, 4, 5);
        assertThat(inner.slice(0, 100).remaining()).isEqualTo(1);
        inner.set(FloatVector.copyOf(new float[] {-1, -2}), 1);
        assertThat(vector.toArray()).containsExactly(0, 1, 2, -1, -2, 5, 6);
        assertThat(vector.range(7, 7).toArray()).isEmpty();
    }

    @Test
    void takesHeapMemoryAndEmptyVectors() {
        FloatVector heap = FloatVector.of(ByteBuffer.allocate(8));
        heap.slice(1, 1).put(0, 3f);
        assertThat(heap.toArray()).containsExactly(0, 3);
        assertThat(FloatVector.of(List.of()).size()).isZero();
        assertThat(FloatVector.of(ByteBuffer.allocate(0)).slice(0, 1).remaining())
                .isZero();
    }

    @Test
    void refusesRaggedSegmentsAndRangesOutside() {
        assertThatThrownBy(() -> FloatVector.of(List.of(ByteBuffer.allocate(8), ByteBuffer.allocate(12))))
                .hasMessage("segment 1: bytes=12 must equal the first segment's 8 (only the last may be shorter)");
        assertThatThrownBy(() -> FloatVector.of(ByteBuffer.allocate(6)))
                .hasMessage("segment 0: bytes=6 must be a multiple of 4");
        assertThatThrownBy(() -> FloatVector.allocate(3).range(1, 4)).hasMessage("range [1, 4) outside size=3");
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "0, 4", "1, 3", "16, 2", "17, 2", "1000, 3", "1001, 7", "5000000000, 6"})
    void partitionsCoverTheVectorInAlignedRanges(long size, int worldSize) {
        Partition partition = new Partition(size, worldSize);
        long at = 0;
        for (int rank = 0; rank < worldSize; rank++) {
            assertThat(partition.begin(rank)).isEqualTo(at);
            assertThat(partition.end(rank)).isGreaterThanOrEqualTo(at);
            assertThat(partition.begin(rank) % 16 == 0 || partition.begin(rank) == size)
                    .isTrue();
            at = partition.end(rank);
        }
        assertThat(at).isEqualTo(size);
    }
}
