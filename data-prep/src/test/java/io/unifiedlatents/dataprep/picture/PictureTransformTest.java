package io.unifiedlatents.dataprep.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.Rgb;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PictureTransformTest {
    /** The golden pictures are Pillow's, see golden/make_golden.py; equal to the byte. */
    @ParameterizedTest
    @CsvSource({
        "odd,32,32,32",
        "halved-twice,32,32,32",
        "portrait,40,40,40",
        "enlarged,48,48,48",
        "exact,32,32,32",
        "twice,32,32,32",
        "half-to-even,40,40,40",
        "odd,48,20,48x20",
        "halved-twice,24,40,24x40",
        "portrait,80,30,80x30",
        "enlarged,20,50,20x50",
    })
    void centreCropEqualsPillow(String name, int height, int width, String size) throws Exception {
        PictureTransform centreCrop = PictureTransform.named("centre-crop", height, width, 0);
        Rgb cropped = centreCrop.apply(golden(name + "-in.png"), "any");
        Rgb expected = golden(name + "-out-" + size + ".png");
        assertThat(cropped.width()).isEqualTo(width);
        assertThat(cropped.height()).isEqualTo(height);
        assertThat(cropped.pixels()).isEqualTo(expected.pixels());
        assertThat(centreCrop.id()).isEqualTo("adm-centre-crop-1 " + size);
    }

    /** 157 by 101 is halved once and becomes 50 by 32 for 40 by 32 too: the corners start at column 0 or 10. */
    @Test
    void cornersOfRectanglesAreThoseOfTheScaledPicture() throws Exception {
        Rgb image = golden("odd-in.png");
        Rgb half = Resampler.resize(image, 78, 50, Resampler.Filter.BOX);
        Rgb scaled = Resampler.resize(half, 50, 32, Resampler.Filter.BICUBIC);
        assertThat(PictureTransform.named("top-left-crop", 32, 40, 7).apply(image, "x"))
                .usingRecursiveComparison()
                .isEqualTo(new Crop(0, 0, 40, 32).apply(scaled));
        assertThat(PictureTransform.named("bottom-right-crop", 32, 40, 7).apply(image, "x"))
                .usingRecursiveComparison()
                .isEqualTo(new Crop(10, 0, 40, 32).apply(scaled));
        Set<String> places = new HashSet<>();
        for (int left = 0; left <= 10; left++) {
            places.add(Hashes.sha256(new Crop(left, 0, 40, 32).apply(scaled).pixels()));
        }
        PictureTransform random = PictureTransform.named("random-crop", 32, 40, 7);
        for (int i = 0; i < 20; i++) {
            assertThat(places)
                    .contains(Hashes.sha256(random.apply(image, "sample" + i).pixels()));
        }
    }

    /** 157 by 101 becomes 50 by 32 before the crop: the corners start at column 0 or 18. */
    @Test
    void cornersAreThoseOfTheScaledPicture() throws Exception {
        Rgb image = golden("odd-in.png");
        Rgb half = Resampler.resize(image, 78, 50, Resampler.Filter.BOX);
        Rgb scaled = Resampler.resize(half, 50, 32, Resampler.Filter.BICUBIC);
        assertThat(apply("top-left-crop", image, "x"))
                .isEqualTo(new Crop(0, 0, 32, 32).apply(scaled).pixels());
        assertThat(apply("bottom-left-crop", image, "x")).isEqualTo(apply("top-left-crop", image, "x"));
        assertThat(apply("top-right-crop", image, "x"))
                .isEqualTo(new Crop(18, 0, 32, 32).apply(scaled).pixels());
        assertThat(apply("bottom-right-crop", image, "x")).isEqualTo(apply("top-right-crop", image, "x"));
    }

    /** 50 columns leave 19 places; of 400 draws each place misses all with probability (18/19)^400 = 4e-10. */
    @Test
    void randomCropsDependOnTheSampleAndReachEveryPlace() throws Exception {
        Rgb image = golden("odd-in.png");
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 400; i++) {
            seen.add(Hashes.sha256(apply("random-crop", image, "sample" + i)));
        }
        assertThat(seen).hasSize(19);
        assertThat(apply("random-crop", image, "sample1")).isEqualTo(apply("random-crop", image, "sample1"));
        assertThat(PictureTransform.named("random-crop", 32, 32, 7).id()).isEqualTo("random-crop-1 32 seed 7");
    }

    @Test
    void stretchAndNone() throws Exception {
        Rgb image = golden("odd-in.png");
        assertThat(apply("stretch", image, "x"))
                .isEqualTo(Resampler.resize(image, 32, 32, Resampler.Filter.BICUBIC)
                        .pixels());
        assertThat(PictureTransform.named("stretch", 24, 40, 0)
                        .apply(image, "x")
                        .pixels())
                .isEqualTo(Resampler.resize(image, 40, 24, Resampler.Filter.BICUBIC)
                        .pixels());
        assertThat(PictureTransform.named("none", 32, 32, 0).apply(image, "x")).isSameAs(image);
        assertThat(PictureTransform.named("none", 32, 32, 0).shape()).isNull();
    }

    @Test
    void everyNameIsKnownAndOthersAreRefused() {
        assertThat(PictureTransform.NAMES).allSatisfy(name -> PictureTransform.named(name, 32, 32, 0));
        assertThatThrownBy(() -> PictureTransform.named("center-crop", 32, 32, 0))
                .isInstanceOf(ConfigException.class)
                .hasMessage("picture transform center-crop is not known; use one of centre-crop, random-crop,"
                        + " top-left-crop, top-right-crop, bottom-left-crop, bottom-right-crop, stretch, none");
    }

    private static byte[] apply(String name, Rgb image, String id) {
        return PictureTransform.named(name, 32, 32, 7).apply(image, id).pixels();
    }

    private static Rgb golden(String name) throws IOException, Unreadable {
        try (InputStream in = PictureTransformTest.class.getResourceAsStream("/golden/" + name)) {
            return PictureDecoder.STANDARD.decode(
                    Objects.requireNonNull(in, name).readAllBytes());
        }
    }
}
