package io.unifiedlatents.dataprep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.data.Rgb;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CentreCropTest {
    /** The golden pictures are Pillow's, see golden/make_golden.py; equal to the byte. */
    @ParameterizedTest
    @CsvSource({
        "odd,32",
        "halved-twice,32",
        "portrait,40",
        "enlarged,48",
        "exact,32",
        "twice,32",
        "half-to-even,40",
    })
    void equalsPillow(String name, int side) throws Exception {
        Rgb cropped = CentreCrop.apply(golden(name + "-in.png"), side);
        Rgb expected = golden(name + "-out-" + side + ".png");
        assertThat(cropped.width()).isEqualTo(side);
        assertThat(cropped.height()).isEqualTo(side);
        assertThat(cropped.pixels()).isEqualTo(expected.pixels());
    }

    @Test
    void hugePicturesAreRefusedByTheirHeader() throws Exception {
        byte[] png = bytes("exact-in.png");
        png[16] = 0; // IHDR: width 40000, height 40000
        png[18] = (byte) (40_000 >> 8);
        png[19] = (byte) 40_000;
        png[22] = (byte) (40_000 >> 8);
        png[23] = (byte) 40_000;
        assertThatThrownBy(() -> SourceImage.decode(png))
                .isInstanceOf(SourceImage.Unreadable.class)
                .hasMessage("too large: 40000 x 40000 pixels, at most 200 million are read");
    }

    private static Rgb golden(String name) throws Exception {
        return SourceImage.decode(bytes(name));
    }

    private static byte[] bytes(String name) throws IOException {
        try (InputStream in = CentreCropTest.class.getResourceAsStream("/golden/" + name)) {
            return Objects.requireNonNull(in, name).readAllBytes();
        }
    }
}
