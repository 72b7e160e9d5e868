package io.unifiedlatents.core.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SeedsTest {
    /** Data sets and runs depend on these values; a change of them breaks every resume. */
    @Test
    void valuesArePinned() {
        assertThat(Seeds.of(0, "")).isEqualTo(2558736989570252433L);
        assertThat(Seeds.of(42, "flip", 1, 2, 3)).isEqualTo(143424578816146968L);
    }

    @Test
    void neighbouringKeysNeverMeet() {
        Set<Long> seeds = new HashSet<>();
        for (long run = 0; run < 20; run++) {
            for (String purpose : new String[] {"", "a", "ab", "flip"}) {
                seeds.add(Seeds.of(run, purpose));
                for (long part = -20; part < 20; part++) {
                    seeds.add(Seeds.of(run, purpose, part));
                    seeds.add(Seeds.of(run, purpose, part, 0));
                    seeds.add(Seeds.of(run, purpose, 0, part));
                }
            }
        }
        // (run, purpose, 0, 0) is made twice
        assertThat(seeds).hasSize(20 * 4 * (1 + 3 * 40 - 1));
    }

    @Test
    void eachBitIsSetForHalfOfTheKeys() {
        int[] set = new int[Long.SIZE];
        for (long part = 0; part < 10_000; part++) {
            long seed = Seeds.of(1, "bits", part);
            for (int bit = 0; bit < Long.SIZE; bit++) {
                set[bit] += (int) (seed >>> bit & 1);
            }
        }
        for (int count : set) {
            assertThat(count).isBetween(4_750, 5_250); // five standard deviations
        }
    }

    @Test
    void unitIntervalIsHalfOpen() {
        assertThat(Seeds.unitInterval(0)).isZero();
        assertThat(Seeds.unitInterval(-1)).isLessThan(1).isGreaterThan(0.999_999);
    }
}
