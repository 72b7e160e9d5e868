package io.unifiedlatents.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class ImageCodecTest {
    @Test
    void pngKeepsEveryPixel() throws IOException {
        Rgb picture = Samples.picture(3);
        assertThat(ImageCodec.decode(ImageCodec.encodePng(picture)).pixels()).isEqualTo(picture.pixels());
    }

    @Test
    void greyValuesAreKeptAsStored() throws IOException {
        BufferedImage grey = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
        grey.getRaster().setSample(0, 0, 0, 100);
        grey.getRaster().setSample(1, 0, 0, 7);
        assertThat(decoded(grey)).containsExactly(100, 100, 100, 7, 7, 7);
    }

    @Test
    void sixteenBitsKeepTheirUpperEight() throws IOException {
        BufferedImage grey = new BufferedImage(1, 1, BufferedImage.TYPE_USHORT_GRAY);
        grey.getRaster().setSample(0, 0, 0, 0x81FF);
        assertThat(decoded(grey)).containsExactly(0x81, 0x81, 0x81);
    }

    @Test
    void alphaIsLaidOverWhite() throws IOException {
        BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x00123456);
        image.setRGB(1, 0, 0xFF123456);
        image.setRGB(2, 0, 0x80000000); // 255 · 127 / 255
        assertThat(decoded(image)).containsExactly(255, 255, 255, 0x12, 0x34, 0x56, 127, 127, 127);
    }

    @Test
    void paletteColoursAreLookedUp() throws IOException {
        BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_INDEXED);
        image.setRGB(0, 0, 0xFFFF0000);
        assertThat(decoded(image)).containsExactly(255, 0, 0);
    }

    @Test
    void damagedAndUnknownBytesAreIoErrors() throws IOException {
        byte[] png = ImageCodec.encodePng(Samples.picture(1));
        assertThatThrownBy(() -> ImageCodec.decode(Arrays.copyOf(png, png.length / 2)))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> ImageCodec.decode(new byte[10]))
                .isInstanceOf(IOException.class)
                .hasMessage("not a picture in a known format");
    }

    private static int[] decoded(BufferedImage image) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        byte[] pixels = ImageCodec.decode(bytes.toByteArray()).pixels();
        int[] values = new int[pixels.length];
        Arrays.setAll(values, i -> Byte.toUnsignedInt(pixels[i]));
        return values;
    }
}
