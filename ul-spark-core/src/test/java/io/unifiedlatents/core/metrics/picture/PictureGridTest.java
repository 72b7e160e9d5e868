package io.unifiedlatents.core.metrics.picture;

import static org.assertj.core.api.Assertions.assertThat;

import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.ImageCodec;
import io.unifiedlatents.core.data.Rgb;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PictureGridTest {
    /** Pictures of 8 rows and 4 columns are enlarged by 96 / 8 = 12, to 48 x 96 pixels. */
    @Test
    void pairsOfAnyShapeLieBesideEachOther() throws IOException {
        byte[] original = new byte[8 * 4 * 3];
        original[3 * (7 * 4 + 3)] = (byte) 200; // red of the last pixel of the last row
        byte[] reconstruction = new byte[original.length];
        Arrays.fill(reconstruction, (byte) 100);
        Rgb grid = ImageCodec.decode(
                PictureGrid.pairs(List.of(new PictureGrid.Pair(original, reconstruction)), SampleShape.picture(8, 4)));
        assertThat(grid.width()).isEqualTo(2 * (48 + 2) + 2);
        assertThat(grid.height()).isEqualTo(96 + 2);
        assertThat(red(grid, 47, 95)).isEqualTo(200);
        assertThat(red(grid, 36, 84)).isEqualTo(200);
        assertThat(red(grid, 35, 84)).isZero();
        assertThat(red(grid, 48, 95)).isEqualTo(255); // the gap
        assertThat(red(grid, 50, 0)).isEqualTo(100);
        assertThat(red(grid, 97, 95)).isEqualTo(100);
    }

    @Test
    void framesOfAClipLieBelowEachOther() throws IOException {
        byte[] clip = new byte[3 * 2 * 4 * 3]; // [T, H, W, C]
        Arrays.fill(clip, 2 * 2 * 4 * 3, clip.length, (byte) 9);
        Rgb grid = ImageCodec.decode(PictureGrid.png(List.of(clip), new SampleShape(3, 2, 4, 3)));
        assertThat(grid.width()).isEqualTo(96 + 2);
        assertThat(grid.height()).isEqualTo(3 * 48 + 2);
        assertThat(red(grid, 0, 95)).isZero();
        assertThat(red(grid, 95, 96)).isEqualTo(9);
    }

    private static int red(Rgb picture, int x, int y) {
        return picture.pixels()[3 * (y * picture.width() + x)] & 0xFF;
    }
}
