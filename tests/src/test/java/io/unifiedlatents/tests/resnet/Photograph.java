package io.unifiedlatents.tests.resnet;

import java.awt.Graphics2D;
import java.awt.Image;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import javax.imageio.ImageIO;

/** A square 8-bit RGB picture. */
final class Photograph {
    private final int side;
    private final byte[] planes;

    private Photograph(int side, byte[] planes) {
        this.side = side;
        this.planes = planes;
    }

    /** Pixels along a side. */
    int side() {
        return side;
    }

    /** Red, green and blue one behind the other, [3, side, side]. */
    byte[] planes() {
        return planes;
    }

    /** Reads a picture and squeezes it to a square, each pixel the mean of the area it covers. */
    static Photograph read(InputStream in, int side) throws IOException {
        Image scaled = ImageIO.read(in).getScaledInstance(side, side, Image.SCALE_AREA_AVERAGING);
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.drawImage(scaled, 0, 0, null);
        graphics.dispose();
        byte[] planes = new byte[3 * side * side];
        for (int pixel = 0; pixel < side * side; pixel++) {
            int rgb = image.getRGB(pixel % side, pixel / side);
            for (int channel = 0; channel < 3; channel++) {
                planes[channel * side * side + pixel] = (byte) (rgb >> (16 - 8 * channel));
            }
        }
        return new Photograph(side, planes);
    }

    /** What the network takes: BGR minus the mean pixel, resized bilinearly with pixel centres aligned. */
    float[] input(int target) {
        float[] input = new float[3 * target * target];
        for (int channel = 0; channel < 3; channel++) {
            for (int y = 0; y < target; y++) {
                for (int x = 0; x < target; x++) {
                    input[(2 - channel) * target * target + y * target + x] = (float)
                            (at(channel, position(y, target), position(x, target)) - ResNet50.MEAN.get(2 - channel));
                }
            }
        }
        return input;
    }

    private double position(int index, int target) {
        return Math.max(0, Math.min(side - 1.0, (index + 0.5) * side / target - 0.5));
    }

    private double at(int channel, double y, double x) {
        double bottom = y - Math.floor(y);
        double right = x - Math.floor(x);
        return (1 - bottom) * ((1 - right) * pixel(channel, y, x) + right * pixel(channel, y, x + 1))
                + bottom * ((1 - right) * pixel(channel, y + 1, x) + right * pixel(channel, y + 1, x + 1));
    }

    private int pixel(int channel, double y, double x) {
        int row = (int) Math.min(y, side - 1.0);
        int column = (int) Math.min(x, side - 1.0);
        return planes[(channel * side + row) * side + column] & 0xFF;
    }
}
