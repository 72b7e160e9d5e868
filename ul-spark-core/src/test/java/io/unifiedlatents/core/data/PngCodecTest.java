package io.unifiedlatents.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.config.SampleShape;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.Inflater;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PngCodecTest {
    /** Kinds: noise has no repetitions, stripes have runs of all lengths, a flat picture is one. */
    @ParameterizedTest
    @CsvSource({
        "1,1,noise",
        "1,7,noise",
        "7,1,noise",
        "33,17,noise",
        "300,200,noise",
        "1,1,flat",
        "512,512,flat",
        "90,61,flat",
        "3,2,stripes",
        "301,203,stripes",
        "64,64,stripes"
    })
    void readBackEqualByImageIoAndByUs(int width, int height, String kind) throws IOException {
        Rgb image = picture(width, height, kind);
        byte[] png = ImageCodec.encodePng(image);
        assertThat(ImageCodec.decode(png).pixels()).isEqualTo(image.pixels());
        BufferedImage read = ImageIO.read(new ByteArrayInputStream(png));
        assertThat(ImageCodec.toRgb(read, ImageCodec.WHITE).pixels()).isEqualTo(image.pixels());
    }

    /** ImageIO chooses no filters; Pillow's and our own files cover the others. */
    @Test
    void readsWhatImageIoWrites() throws IOException {
        Rgb image = picture(301, 203, "stripes");
        BufferedImage written = new BufferedImage(301, 203, BufferedImage.TYPE_3BYTE_BGR);
        byte[] bgr = ((DataBufferByte) written.getRaster().getDataBuffer()).getData();
        for (int i = 0; i < bgr.length; i++) {
            bgr[i] = image.pixels()[i / 3 * 3 + 2 - i % 3];
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(written, "png", bytes);
        assertThat(PngDecoder.decode(bytes.toByteArray())).isNotNull();
        assertThat(ImageCodec.decode(bytes.toByteArray()).pixels()).isEqualTo(image.pixels());
    }

    /** 786,432 equal bytes: about 3,000 runs of 258, 2 or 3 bits each, and twelve block headers. */
    @Test
    void flatPicturesAreSmall() {
        assertThat(ImageCodec.encodePng(picture(512, 512, "flat"))).hasSizeLessThan(3000);
    }

    /** Counts that grow like Fibonacci's numbers make the deepest trees: here 22 levels, 7 more than deflate allows. */
    @Test
    void codesThatWouldBeTooLongAreFlattened() throws Exception {
        byte[] bytes = new byte[46_367];
        int at = 0;
        int count = 1;
        int before = 1;
        for (int symbol = 0; at < bytes.length; symbol++) {
            for (int i = 0; i < count && at < bytes.length; i++) {
                bytes[at++] = (byte) (2 * symbol + (i & 1) * 100); // no runs
            }
            count += before;
            before = count - before;
        }
        Inflater inflater = new Inflater();
        inflater.setInput(HuffmanDeflate.zlib(bytes));
        byte[] inflated = new byte[bytes.length];
        assertThat(inflater.inflate(inflated)).isEqualTo(bytes.length);
        assertThat(inflater.inflate(new byte[1])).isZero();
        assertThat(inflater.finished()).isTrue();
        inflater.end();
        assertThat(inflated).isEqualTo(bytes);
    }

    @Test
    void everyChangedByteIsNoticed() {
        Rgb image = picture(9, 5, "noise");
        byte[] png = ImageCodec.encodePng(image);
        for (int i = 0; i < png.length; i++) {
            byte[] changed = png.clone();
            changed[i] ^= 0x40;
            assertThatThrownBy(() -> ImageCodec.decode(changed))
                    .as("byte %d", i)
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void rawPicturesAreTheirPixels() throws IOException {
        Rgb image = picture(9, 5, "noise");
        for (Encoding encoding : List.of(Encoding.PNG, Encoding.RAW)) {
            byte[] stored = encoding.encode(image);
            assertThat(encoding.decode(stored, SampleShape.picture(5, 9)).pixels())
                    .isEqualTo(image.pixels());
            assertThat(Encoding.named(encoding.text())).isSameAs(encoding);
        }
        byte[] raw = Encoding.RAW.encode(image);
        assertThat(raw).hasSize(135);
        assertThatThrownBy(() -> Encoding.RAW.decode(raw, SampleShape.picture(8, 5)))
                .isInstanceOf(IOException.class)
                .hasMessage("raw picture has 135 bytes, one of 8×5×3 has 120");
    }

    private static Rgb picture(int width, int height, String kind) {
        byte[] pixels = new byte[3 * width * height];
        if (kind.equals("noise")) {
            new SplittableRandom(width).nextBytes(pixels);
        } else if (kind.equals("stripes")) {
            int row = 3 * width;
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (byte) (i % row < i / row ? 200 : i * 7);
            }
        } else {
            Arrays.fill(pixels, (byte) 250);
        }
        return new Rgb(width, height, pixels);
    }
}
