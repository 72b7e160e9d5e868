package io.unifiedlatents.core.collective;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class Bfloat16Test {
    /** Steps at 1 are 2^-7, so 2^-8 is halfway. */
    @ParameterizedTest
    @CsvSource({
        "0x3F800000, 0x3F80", // 1
        "0x3F808000, 0x3F80", // halfway above an even code: down
        "0x3F808001, 0x3F81", // just beyond
        "0x3F818000, 0x3F82", // halfway above an odd code: up
        "0x3F817FFF, 0x3F81", // just below
        "0xBF818000, 0xBF82", // the same for the negative
        "0x3FFFC000, 0x4000", // carries into the exponent: just below 2
        "0x00000000, 0x0000",
        "0x80000000, 0x8000", // -0
        "0x00018000, 0x0002", // subnormal, halfway above an odd code
        "0x7F7F0000, 0x7F7F", // largest
        "0x7F7FFFFF, 0x7F80", // beyond it: infinite
        "0x7F800000, 0x7F80",
        "0xFF800000, 0xFF80",
        "0x7F800001, 0x7FC0", // NaN whose upper half alone would be infinite
        "0xFFC12345, 0xFFC1",
    })
    void roundsToNearestEven(String bits, String code) {
        float value = Float.intBitsToFloat(Integer.parseUnsignedInt(bits.substring(2), 16));
        assertThat(Bfloat16.round(value)).isEqualTo((short) Integer.parseInt(code.substring(2), 16));
    }

    @Test
    void everyCodeSurvivesWideningAndRounding() {
        for (int code = 0; code < 1 << 16; code++) {
            float value = Bfloat16.widen((short) code);
            if (!Float.isNaN(value)) {
                assertThat(Bfloat16.round(value)).isEqualTo((short) code);
            }
        }
    }

    @Test
    void nothingIsNearerThanTheRoundedValue() {
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 100_000; i++) {
            float value = (float) random.nextDouble(-10, 10);
            int code = Bfloat16.round(value);
            double error = Math.abs((double) value - Bfloat16.widen((short) code));
            for (int other : new int[] {code - 1, code + 1}) {
                assertThat(Math.abs((double) value - Bfloat16.widen((short) other)))
                        .isGreaterThanOrEqualTo(error);
            }
        }
    }
}
