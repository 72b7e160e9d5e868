package io.unifiedlatents.dataprep.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.ImageCodec;
import io.unifiedlatents.core.data.Rgb;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Over the test pictures of TwelveMonkeys and of Commons Imaging; what Pillow makes of them is in golden/decoded.csv.
 */
class PictureDecoderTest {
    private static final PictureDecoder DECODER = PictureDecoder.STANDARD;

    private record Golden(String path, String mode, int width, int height, String sha256, byte[] grid) {
        static Golden parse(String line) {
            String[] parts = line.split(",", -1);
            byte[] grid = HexFormat.of().parseHex(parts[5]);
            return new Golden(
                    parts[0], parts[1], Integer.parseInt(parts[2]), Integer.parseInt(parts[3]), parts[4], grid);
        }

        boolean cmyk() {
            return mode.equals("CMYK");
        }
    }

    @Test
    void everyPictureThatPillowReadsHasItsPixels() throws Exception {
        assumeThat(NativeCodecs.loaded()).isNotNull();
        List<Golden> pictures = goldens().filter(golden -> !golden.cmyk()).toList();
        assertThat(pictures).hasSize(97);
        for (Golden golden : pictures) {
            Rgb image = DECODER.decode(bytes(golden.path));
            assertThat(Hashes.sha256(image.pixels())).as(golden.path).isEqualTo(golden.sha256);
            assertThat(image.width()).isEqualTo(golden.width);
        }
    }

    /**
     * Pillow rounds the product of ink and black, Leptonica cuts it off, and YCCK is rounded in between: one step each.
     */
    @Test
    void inksBecomeTheColoursThatPillowShows() throws Exception {
        List<Golden> pictures = goldens().filter(Golden::cmyk).toList();
        assertThat(pictures).hasSize(13);
        for (Golden golden : pictures) {
            byte[] bytes = bytes(golden.path);
            assertThat(distance(DECODER.decode(bytes), golden)).as(golden.path).isLessThanOrEqualTo(1);
            assertThat(distance(DECODER.decode(bytes, null), golden))
                    .as(golden.path)
                    .isLessThanOrEqualTo(2);
        }
    }

    private static int distance(Rgb image, Golden golden) {
        int most = 0;
        for (int row = 0; row < 8; row++) {
            for (int column = 0; column < 8; column++) {
                int at = 3 * (image.height() * row / 8 * image.width() + image.width() * column / 8);
                for (int channel = 0; channel < 3; channel++) {
                    int ours = image.pixels()[at + channel] & 0xFF;
                    most = Math.max(most, Math.abs(ours - (golden.grid[3 * (8 * row + column) + channel] & 0xFF)));
                }
            }
        }
        return most;
    }

    /** Both libjpegs are of one origin. Two pictures differ, whose ICC profiles the readers of ImageIO heed. */
    @Test
    void withoutNativeLibrariesJpegsAreTheSame() throws Exception {
        List<String> different = new ArrayList<>();
        List<Golden> pictures = goldens()
                .filter(golden -> !golden.cmyk() && isJpeg(golden.path))
                .toList();
        assertThat(pictures).hasSizeGreaterThan(70);
        for (Golden golden : pictures) {
            Rgb image = DECODER.decode(bytes(golden.path), null);
            if (!Hashes.sha256(image.pixels()).equals(golden.sha256)) {
                different.add(golden.path);
            }
        }
        assertThat(different)
                .containsExactlyInAnyOrder("jpeg/cmm-exception-adobe-rgb.jpg", "jpeg/cmm-exception-corbis-rgb.jpg");
    }

    private static boolean isJpeg(String path) {
        return path.matches("(?i).*\\.jpe?g");
    }

    /** The eight pictures show one scene, turned and tagged differently; JPEG's losses differ a little among them. */
    @ParameterizedTest
    @ValueSource(strings = {"Landscape", "Portrait"})
    void turnedPicturesComeOutUpright(String name) throws Exception {
        Rgb upright = DECODER.decode(bytes("exif/" + name + "_1.jpg"));
        for (int orientation = 2; orientation <= 8; orientation++) {
            Rgb turned = DECODER.decode(bytes("exif/" + name + "_" + orientation + ".jpg"));
            assertThat(turned.width()).isEqualTo(upright.width());
            long sum = 0;
            for (int i = 0; i < upright.pixels().length; i++) {
                sum += Math.abs((upright.pixels()[i] & 0xFF) - (turned.pixels()[i] & 0xFF));
            }
            double mean = (double) sum / upright.pixels().length;
            assertThat(mean).as("orientation %d", orientation).isLessThan(15); // a wrong turn: above 40
        }
    }

    @Test
    void orientationsByHand() {
        Rgb image = new Rgb(3, 2, grey(1, 2, 3, 4, 5, 6));
        assertThat(Orientation.apply(image, 2).pixels()).isEqualTo(grey(3, 2, 1, 6, 5, 4));
        assertThat(Orientation.apply(image, 3).pixels()).isEqualTo(grey(6, 5, 4, 3, 2, 1));
        assertThat(Orientation.apply(image, 4).pixels()).isEqualTo(grey(4, 5, 6, 1, 2, 3));
        assertThat(Orientation.apply(image, 5).pixels()).isEqualTo(grey(1, 4, 2, 5, 3, 6));
        assertThat(Orientation.apply(image, 6).pixels()).isEqualTo(grey(4, 1, 5, 2, 6, 3));
        assertThat(Orientation.apply(image, 7).pixels()).isEqualTo(grey(6, 3, 5, 2, 4, 1));
        assertThat(Orientation.apply(image, 8).pixels()).isEqualTo(grey(3, 6, 2, 5, 1, 4));
        assertThat(Orientation.apply(image, 8).width()).isEqualTo(2);
    }

    private static byte[] grey(int... values) {
        byte[] pixels = new byte[3 * values.length];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) values[i / 3];
        }
        return pixels;
    }

    /** Formats unknown here are BigTIFF and files with other bytes before their JPEG. */
    @Test
    void reasonsAreCountedByTheirKind() throws Exception {
        TreeMap<String, Integer> counts = new TreeMap<>();
        for (String line : lines("/golden/files.txt")) {
            try {
                DECODER.decode(bytes(line));
                counts.merge("decoded", 1, Integer::sum);
            } catch (Unreadable e) {
                counts.merge(e.kind(), 1, Integer::sum);
            }
        }
        assertThat(counts)
                .isEqualTo(Map.of(
                        "decoded", 178, "damaged picture", 24, "not a picture in a known format", 14, "too large", 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"exif/Landscape_1.jpg", "jpeg/cmyk-sample.jpg", "data/images/webp/2/1.sm.webp"})
    void cutPicturesAreDamaged(String path) throws Exception {
        byte[] whole = bytes(path);
        for (double share : new double[] {0.02, 0.5, 0.9, 0.999}) {
            byte[] cut = Arrays.copyOf(whole, (int) (share * whole.length));
            assertThatThrownBy(() -> DECODER.decode(cut))
                    .as("%s of %s", share, path)
                    .isInstanceOf(Unreadable.class)
                    .hasMessageStartingWith("damaged picture: ");
        }
    }

    @Test
    void bombsAreRefusedByTheirHeaders() throws Exception {
        byte[] jpeg = bytes("exif/Landscape_1.jpg");
        int frame = 0;
        while (jpeg[frame] != (byte) 0xFF || jpeg[frame + 1] != (byte) 0xC0) {
            frame++;
        }
        ByteBuffer.wrap(jpeg).putInt(frame + 5, 0xFFFF_FFFF);
        refused(jpeg, "too large: 65535 x 65535 pixels, at most 200000000 are read");

        byte[] png = ImageCodec.encodePng(new Rgb(1, 1, new byte[3]));
        ByteBuffer.wrap(png).putInt(16, 40_000).putInt(20, 40_000);
        refused(png, "too large: 40000 x 40000 pixels, at most 200000000 are read");

        byte[] webp = new byte[64];
        ByteBuffer.wrap(webp)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("RIFF....WEBPVP8X".getBytes(StandardCharsets.US_ASCII));
        Arrays.fill(webp, 24, 30, (byte) 0xFF);
        refused(webp, "too large: 16777216 x 16777216 pixels, at most 200000000 are read");

        byte[] gif = gif();
        ByteBuffer.wrap(gif).order(ByteOrder.LITTLE_ENDIAN).putInt(6, 0xFFFF_FFFF);
        int descriptor = 13;
        while (gif[descriptor] != 0x2C) {
            descriptor++;
        }
        ByteBuffer.wrap(gif).putInt(descriptor + 5, 0xFFFF_FFFF);
        refused(gif, "too large: 65535 x 65535 pixels, at most 200000000 are read");
    }

    private static byte[] gif() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB), "gif", bytes);
        return bytes.toByteArray();
    }

    private static void refused(byte[] bytes, String message) {
        assertThatThrownBy(() -> DECODER.decode(bytes))
                .isInstanceOf(Unreadable.class)
                .hasMessage(message);
    }

    @Test
    void noiseIsNoPicture() {
        refused(new byte[0], "not a picture in a known format");
        refused(new byte[100], "not a picture in a known format");
        refused("RIFF is not all of a WebP".getBytes(StandardCharsets.UTF_8), "not a picture in a known format");
    }

    @Test
    void transparentPixelsShowTheBackground() throws Exception {
        BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x00123456);
        image.setRGB(1, 0, 0xFF123456);
        image.setRGB(2, 0, 0x80000000);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        Rgb decoded = new PictureDecoder(0xFF8001, 100).decode(bytes.toByteArray());
        assertThat(decoded.pixels())
                .containsExactly(0xFF, 0x80, 0x01, 0x12, 0x34, 0x56, 127, 64, 0); // (255, 128, 1) · 127 / 255
        byte[] webp = bytes("images/webp/alpha/alpha.webp");
        Rgb onBlack = new PictureDecoder(0, 1_000_000).decode(webp);
        Rgb onWhite = DECODER.decode(webp);
        assertThat(onWhite.pixels()).isNotEqualTo(onBlack.pixels());
    }

    @Test
    void settingsHaveLimits() {
        assertThatThrownBy(() -> new PictureDecoder(-1, 1))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("background ffffffff must be between 000000 and ffffff");
        assertThatThrownBy(() -> new PictureDecoder(0, 600_000_000))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("must be between 1 and 500000000");
        refused(new PictureDecoder(0, 10));
    }

    private static void refused(PictureDecoder small) {
        byte[] png = ImageCodec.encodePng(new Rgb(11, 1, new byte[33]));
        assertThatThrownBy(() -> small.decode(png))
                .isInstanceOf(Unreadable.class)
                .hasMessage("too large: 11 x 1 pixels, at most 10 are read");
    }

    /** Bytes changed at random, mostly in headers: each input decodes or has a reason, and the process survives. */
    @Test
    void noInputEscapes() throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        List<byte[]> seeds = new ArrayList<>();
        for (Golden golden : goldens().toList()) {
            byte[] bytes = bytes(golden.path);
            if (bytes.length < 20_000) {
                seeds.add(bytes);
            }
        }
        assertThat(seeds).hasSizeGreaterThan(20);
        PictureDecoder small = new PictureDecoder(ImageCodec.WHITE, 1_000_000);
        int decoded = 0;
        int refused = 0;
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = seeds.get(i % seeds.size()).clone();
            for (int k = random.nextInt(6); k >= 0; k--) {
                int range = random.nextBoolean() ? Math.min(bytes.length, 300) : bytes.length;
                bytes[random.nextInt(range)] = (byte) random.nextInt(256);
            }
            try {
                small.decode(bytes);
                decoded++;
            } catch (Unreadable e) {
                assertThat(e).hasMessageMatching("(damaged picture: |too large: |not a picture in a known format).*");
                refused++;
            }
        }
        assertThat(decoded).isGreaterThan(100);
        assertThat(refused).isGreaterThan(100);
    }

    private static Stream<Golden> goldens() throws IOException {
        return lines("/golden/decoded.csv").stream().map(Golden::parse);
    }

    private static List<String> lines(String name) throws IOException {
        return new String(bytes(name.substring(1)), StandardCharsets.UTF_8)
                .lines()
                .toList();
    }

    private static byte[] bytes(String path) throws IOException {
        try (InputStream in = PictureDecoderTest.class.getResourceAsStream("/" + path)) {
            return Objects.requireNonNull(in, path).readAllBytes();
        }
    }
}
