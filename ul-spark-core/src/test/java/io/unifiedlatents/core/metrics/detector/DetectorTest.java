package io.unifiedlatents.core.metrics.detector;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.DetectorConfig;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.numpy.Golden;
import io.unifiedlatents.core.numpy.Npy;
import io.unifiedlatents.core.torchscript.Archive;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small networks that are called as the published ones are, by the code that calls those. */
class DetectorTest {
    private static final Golden GOLDEN = new Golden("detectors/detectors.npz");
    private static final DetectorConfig AS_THEY_ARE = new DetectorConfig("", "none", 299);

    /** What a sink got for one picture. */
    private record Result(float[] features, float @Nullable [] logits, float @Nullable [] spatial) {}

    private static DetectorFile file(String name) throws IOException {
        try (InputStream in = Golden.open("detectors/" + name + ".pt")) {
            return new DetectorFile("hdfs://store/nets/" + name + ".pt", in.readAllBytes());
        }
    }

    private static FeatureExtractor extractor(String name, int batch, boolean logits) throws IOException {
        return new FeatureExtractor(file(name), AS_THEY_ARE, batch, Device.cpu(), logits);
    }

    /** Pictures, or the frames of all clips. */
    private static List<Rgb> pictures(String name) throws IOException {
        Npy all = GOLDEN.array(name);
        int[] shape = all.shape();
        int height = shape[shape.length - 3];
        int width = shape[shape.length - 2];
        int length = 3 * width * height;
        List<Rgb> pictures = new ArrayList<>();
        for (int at = 0; at < all.bytes().length; at += length) {
            pictures.add(new Rgb(width, height, Arrays.copyOfRange(all.bytes(), at, at + length)));
        }
        return pictures;
    }

    private static List<Result> results(FeatureExtractor extractor, List<Rgb> pictures) {
        List<Result> results = new ArrayList<>();
        FeatureStream stream = extractor.stream((f, l, s) -> results.add(new Result(f, l, s)));
        for (int i = 0; i < pictures.size(); i++) {
            stream.add("picture-" + i, pictures.get(i));
        }
        stream.flush();
        return results;
    }

    @ParameterizedTest
    @CsvSource({
        "plain, PLAIN",
        "traced, PLAIN",
        "spatial, PLAIN",
        "inception, INCEPTION",
        "i3d, I3D",
        "pair, LPIPS_PAIR",
        "vgg16, LPIPS_FEATURES"
    })
    void aFileTellsHowItIsCalled(String name, CallingConvention convention) throws IOException {
        DetectorFile file = file(name);
        assertThat(file.convention()).isEqualTo(convention);
        assertThat(file.name()).isEqualTo(name + ".pt");
        assertThat(file.figure()).isEqualTo("frechet(" + name + ")");
        try (InputStream in = Golden.open("detectors/" + name + ".pt")) {
            assertThat(file.sha256()).isEqualTo(Hashes.sha256(in.readAllBytes()));
        }
    }

    @Test
    void filesWrittenHereArePlainDetectors() {
        Graph graph = new Graph("forward", new ParameterLayout(), DType.FLOAT32);
        graph.output(graph.input("pixels", DType.UINT8, -1, 3, 8, 8)
                .to(DType.FLOAT32)
                .mean(2, 3)
                .reshape(-1, 3));
        DetectorFile file = new DetectorFile("v1.2", Archive.of(graph).bytes());
        assertThat(file.convention()).isEqualTo(CallingConvention.PLAIN);
        assertThat(file.figure()).isEqualTo("frechet(v1)");
    }

    @Test
    void otherFilesAreRefusedWithWhatIsKnown() throws IOException {
        assertThatThrownBy(() -> file("unknown"))
                .isInstanceOf(ConfigException.class)
                .hasMessage("hdfs://store/nets/unknown.pt: its network has forward(pictures: Tensor, size: int=…);"
                        + " known are forward(pictures),"
                        + " forward(img, return_features=False, use_fp16=False, no_output_bias=False),"
                        + " forward(x, rescale=False, resize=False, return_features=False), forward(a, b),"
                        + " forward(img, resize_images=True, return_features=False, return_lpips=False)");
        assertThatThrownBy(() -> new DetectorFile("a/b.txt", "no zip".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("a/b.txt: not a TorchScript archive: ");
        byte[] npz;
        try (InputStream in = Golden.open("detectors/detectors.npz")) {
            npz = in.readAllBytes();
        }
        assertThatThrownBy(() -> new DetectorFile("a/b.npz", npz))
                .isInstanceOf(ConfigException.class)
                .hasMessage("a/b.npz: not a TorchScript archive: no data.pkl in it");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7, 16})
    void featuresOfEachPictureInOrderAndNoneOfThePadding(int batch) throws IOException {
        float[][] expected = GOLDEN.rows("plain");
        for (String name : List.of("plain", "traced")) {
            try (FeatureExtractor extractor = extractor(name, batch, false)) {
                List<Result> results = results(extractor, pictures("pictures"));
                assertThat(results).hasSize(7);
                for (int i = 0; i < 7; i++) {
                    assertThat(results.get(i).features()).containsExactly(expected[i]);
                    assertThat(results.get(i).logits()).isNull();
                    assertThat(results.get(i).spatial()).isNull();
                }
            }
        }
    }

    @Test
    void inceptionGivesFeaturesAndLogarithmsOfProbabilities() throws IOException {
        float[][] features = GOLDEN.rows("inception");
        float[][] probabilities = GOLDEN.rows("probabilities");
        int zeros = 0;
        try (FeatureExtractor extractor = extractor("inception", 4, true)) {
            List<Result> results = results(extractor, pictures("pictures"));
            for (int i = 0; i < 7; i++) {
                assertThat(results.get(i).features()).containsExactly(features[i]);
                for (int k = 0; k < 6; k++) {
                    double logit = requireNonNull(results.get(i).logits())[k];
                    double p = probabilities[i][k];
                    zeros += p == 0 ? 1 : 0;
                    // exponentials of two libraries, each to some units in the last place
                    assertThat(logit).isCloseTo(Math.log(p == 0 ? Float.MIN_VALUE : p), within(1e-5));
                }
            }
        }
        assertThat(zeros).as("else the logarithm of zero is not tested").isPositive();
        try (FeatureExtractor extractor = extractor("inception", 4, false)) {
            assertThat(results(extractor, pictures("pictures")).get(0).logits()).isNull();
        }
    }

    @Test
    void aTupleGivesLogitsAndTheFirstSevenSpatialChannels() throws IOException {
        float[][] spatial = GOLDEN.rows("spatial");
        try (FeatureExtractor extractor = extractor("spatial", 2, true)) {
            List<Result> results = results(extractor, pictures("pictures"));
            for (int i = 0; i < 7; i++) {
                assertThat(results.get(i).spatial()).containsExactly(spatial[i]);
                for (int c = 0; c < 3; c++) {
                    assertThat(requireNonNull(results.get(i).logits())[c])
                            .isEqualTo(2 * results.get(i).features()[c]);
                }
            }
        }
        try (FeatureExtractor extractor = extractor("plain", 2, true)) {
            assertThatThrownBy(() -> results(extractor, pictures("pictures")))
                    .isInstanceOf(ConfigException.class)
                    .hasMessage("plain.pt returned 1 tensors; it must return features and logits, since the Inception"
                            + " Score needs them: set evaluate.distances.inceptionSplits=0 to do without");
        }
    }

    @Test
    void clipsGoToI3d() throws IOException {
        float[][] expected = GOLDEN.rows("i3d");
        List<Rgb> frames = pictures("clips");
        List<Result> results = new ArrayList<>();
        try (FeatureExtractor extractor = extractor("i3d", 2, false)) {
            FeatureStream stream = extractor.stream((f, l, s) -> results.add(new Result(f, l, s)));
            for (int i = 0; i < 3; i++) {
                stream.add("clip-" + i, frames.subList(10 * i, 10 * i + 10));
            }
            stream.flush();
            for (int i = 0; i < 3; i++) {
                assertThat(results.get(i).features()).containsExactly(expected[i]);
            }
            assertThatThrownBy(() -> stream.add("clip-3", frames.subList(0, 9)))
                    .isInstanceOf(ConfigException.class)
                    .hasMessage("clip-3 has 8 x 6 pixels in 9 frames, those before it 8 x 6 pixels in 10 frames;"
                            + " a batch takes one size: set evaluate.detector.resize");
            assertThatThrownBy(() -> stream.add("p", frames.get(0)))
                    .hasMessage("i3d.pt judges clips, and p is a picture; take a detector of pictures");
        }
        assertThat(results).hasSize(3);
        try (FeatureExtractor extractor = extractor("plain", 2, false)) {
            assertThatThrownBy(() -> extractor.stream((f, l, s) -> {}).add("c", frames))
                    .hasMessage("plain.pt judges pictures, and c is a clip; take a detector of clips");
        }
    }

    /** Residuals, batch norms, dropout; saved in training mode, in which other pictures would change the features. */
    @Test
    void featuresDependOnNothingButThePicture() throws IOException {
        float[][] expected = GOLDEN.rows("convolutions");
        List<Rgb> pictures = pictures("pictures");
        try (FeatureExtractor extractor = extractor("convolutions", 4, false)) {
            List<Result> together = results(extractor, pictures);
            for (int i = 0; i < 7; i++) {
                for (int k = 0; k < expected[i].length; k++) {
                    // float32 sums of a few hundred terms below 1, in other orders
                    assertThat(together.get(i).features()[k]).isCloseTo(expected[i][k], within(1e-5f));
                }
                List<Result> alone = results(extractor, pictures.subList(i, i + 1));
                assertThat(alone.get(0).features())
                        .as("picture %d alone, first in its batch", i)
                        .containsExactly(together.get(i).features());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"floats, pillow-bicubic", "plain, tf1-bilinear-uint8"})
    void resizedPicturesAreFloatsUnlessRoundedAgain(String name, String chain) throws IOException {
        DetectorConfig config = new DetectorConfig("", chain, 9);
        List<Rgb> pictures = new ArrayList<>(pictures("pictures"));
        pictures.add(new Rgb(1, 2, new byte[] {9, 8, 7, 9, 8, 7})); // sizes may differ now
        try (FeatureExtractor extractor = new FeatureExtractor(file(name), config, 3, Device.cpu(), false)) {
            List<Result> results = results(extractor, pictures);
            for (int i = 0; i < pictures.size(); i++) {
                float[] planes = requireNonNull(Resize.of(config)).planes(pictures.get(i));
                for (int c = 0; c < 3 && name.equals("floats"); c++) {
                    float[] plane = Arrays.copyOfRange(planes, 81 * c, 81 * c + 81);
                    Arrays.sort(plane);
                    assertThat(results.get(i).features()[c]).isEqualTo(plane[80]);
                    assertThat(results.get(i).features()[3 + c]).isEqualTo(plane[0]);
                }
                if (name.equals("plain")) { // first weights: -5, 2, -2
                    double sum = 0;
                    for (int k = 0; k < planes.length; k++) {
                        sum += new int[] {-5, 2, -2}[k / 81] * planes[k];
                    }
                    assertThat((double) results.get(i).features()[0]).isEqualTo(sum);
                }
            }
        }
    }

    @Test
    void picturesOfOtherSizesAreNamed() throws IOException {
        try (FeatureExtractor extractor = extractor("plain", 4, false)) {
            FeatureStream stream = extractor.stream((f, l, s) -> {});
            stream.add("a", new Rgb(2, 1, new byte[6]));
            assertThatThrownBy(() -> stream.add("b", new Rgb(1, 2, new byte[6])))
                    .isInstanceOf(ConfigException.class)
                    .hasMessage("b has 1 x 2 pixels, those before it 2 x 1 pixels; a batch takes one size: set"
                            + " evaluate.detector.resize");
        }
    }

    @Test
    void featuresThatAreNotFiniteAreNamed() throws IOException {
        List<Rgb> pictures = new ArrayList<>(pictures("pictures"));
        pictures.set(4, new Rgb(10, 12, new byte[360]));
        try (FeatureExtractor extractor = extractor("notfinite", 3, false)) {
            assertThatThrownBy(() -> results(extractor, pictures))
                    .isInstanceOf(ConfigException.class)
                    .hasMessage("notfinite.pt returned Infinity as value 0 of picture-4 (number 4, from 0); it must"
                            + " return finite numbers");
            // the padding alone is not finite here, and nobody minds
            assertThat(results(extractor, pictures.subList(0, 2))).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pair", "vgg16"})
    void perceptualDistances(String name) throws IOException {
        double[] expected = GOLDEN.array(name).doubles();
        List<Rgb> pictures = pictures("pictures");
        List<Rgb> a = pictures.subList(0, 3);
        try (PerceptualDistance distance = new PerceptualDistance(file(name), 2, Device.cpu())) {
            double[] found = distance.distances(a, pictures.subList(3, 6));
            assertThat(found).hasSize(3);
            for (int i = 0; i < 3; i++) {
                assertThat(expected[i]).isBetween(0.1, 5.0);
                // means of a hundred float32 terms, summed in other orders
                assertThat(found[i]).isCloseTo(expected[i], within(1e-5));
                assertThat(distance.distances(a.subList(i, i + 1), pictures.subList(3 + i, 4 + i)))
                        .containsExactly(found[i]);
            }
            assertThat(distance.distances(a, a)).containsOnly(0);
            assertThatThrownBy(() -> distance.distances(a, List.of(a.get(0), a.get(1), new Rgb(1, 1, new byte[3]))))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("one has 1 x 1 pixels, those before it 10 x 12");
        }
    }

    @Test
    void networksOfOneKindAreNotTakenForTheOther() {
        assertThatThrownBy(() -> extractor("vgg16", 1, false))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("name it in evaluate.lpips");
        assertThatThrownBy(() -> new PerceptualDistance(file("plain"), 1, Device.cpu()))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("evaluate.lpips: plain.pt is a network of features");
        assertThatThrownBy(() -> extractor("i3d", 1, true))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("inceptionSplits=0");
    }
}
