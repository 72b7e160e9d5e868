package io.unifiedlatents.dataprep.picture;

import static org.assertj.core.api.Assertions.assertThat;

import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.Rgb;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

class ResamplerTest {
    /** The digests are of Pillow's pixels, see golden/make_resized.py; equal to the byte. */
    @ParameterizedTest
    @CsvFileSource(resources = "/golden/resized.csv")
    void equalsPillow(int width, int height, int toWidth, int toHeight, Resampler.Filter filter, String sha256) {
        Rgb resized = Resampler.resize(picture(width, height), toWidth, toHeight, filter);
        assertThat(resized.width()).isEqualTo(toWidth);
        assertThat(resized.height()).isEqualTo(toHeight);
        assertThat(Hashes.sha256(resized.pixels())).isEqualTo(sha256);
    }

    @Test
    void aCropOfTheResultHasItsPixels() {
        Rgb image = picture(97, 61);
        Crop crop = new Crop(5, 7, 41, 30);
        Rgb whole = Resampler.resize(image, 64, 50, Resampler.Filter.BICUBIC);
        Rgb part = Resampler.resize(image, 64, 50, Resampler.Filter.BICUBIC, crop);
        assertThat(part.pixels()).isEqualTo(crop.apply(whole).pixels());
    }

    /** What make_resized.py makes. */
    static Rgb picture(int width, int height) {
        byte[] pixels = new byte[3 * width * height];
        int state = width * 65_536 + height;
        for (int i = 0; i < pixels.length; i++) {
            state = state * 1_664_525 + 1_013_904_223;
            int stripe = (i / 7) % 4;
            pixels[i] = (byte) (stripe == 0 ? 255 : stripe == 1 ? 0 : state >>> 24);
        }
        return new Rgb(width, height, pixels);
    }
}
