package io.unifiedlatents.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigLoaderTest {
    @Test
    void namesOfFoldersStayWhereTheyArePut() {
        for (String key : List.of("sample.name", "evaluate.name")) {
            for (String name : List.of("../latents", "a/b", ".hidden", "''")) {
                assertThatThrownBy(() -> ConfigLoader.load("", "", List.of(key + "=" + name)))
                        .as(name)
                        .isInstanceOf(ConfigException.class)
                        .hasMessageStartingWith(key + " is ");
            }
            ConfigLoader.load("", "", List.of(key + "=guided-4.0_b"));
        }
    }

    @Test
    void defaultsArePinned() {
        RunConfig config = ConfigLoader.load("", "", List.of());
        assertThat(config.objective())
                .isEqualTo(new ObjectiveConfig(1.5, DecoderWeighting.SIGMOID, 0, 0, 5, -10, 15, -15, 0));
        assertThat(config.compute()).isEqualTo(new ComputeConfig(Precision.FP32, NormKind.LAYER, DeviceKind.AUTO, 0));
        assertThat(config.cluster()).isEqualTo(new ClusterConfig(2, 0, 0, 300, 5, 60, 120, 60, 0, 0, Precision.FP32));
        assertThat(config.trainLatents().run())
                .isEqualTo(new TrainConfig(10_000, 64, 16, 4, 500, 3, 0, 10, 0, "", ".*"));
        assertThat(config.trainLatents().optimizer())
                .isEqualTo(new OptimizerConfig(1e-4, 0.9, 0.99, 1e-8, 0, 500, LearningRateDecay.COSINE, 1, 0.9999));
        assertThat(config.trainDecoder()).isEqualTo(config.trainLatents());
        assertThat(config.trainBase()).isEqualTo(config.trainLatents());
        assertThat(config.evaluate().name()).isEqualTo("newest");
        assertThat(config.evaluate().clips()).isEqualTo(new ClipEvaluationConfig(16, 0, 1));
        assertThat(config.networks().latent()).isEqualTo(new SampleShape(1, 8, 8, 8));
    }

    @Test
    void laterSourcesWin() {
        RunConfig config = ConfigLoader.load(
                "", "seed: 7\nobjective: {bias: -1.5}\n", List.of("seed=8", "encoder.channels=[8, 16, 16]"));
        assertThat(config.seed()).isEqualTo(8);
        assertThat(config.objective().bias()).isEqualTo(-1.5);
        assertThat(config.objective().lossFactor()).isEqualTo(1.5);
        assertThat(config.encoder().channels()).containsExactly(8, 16, 16);
    }

    @Test
    void aResolvedConfigReadsBackEqual() {
        RunConfig config = ConfigLoader.load("", "", List.of("trainLatents.run.steps=12"));
        assertThat(ConfigLoader.parse(ConfigLoader.yaml(config))).isEqualTo(config);
    }

    @Test
    void unknownKeysFailWithASuggestion() {
        assertThatThrownBy(() -> ConfigLoader.load("", "prior: {widht: 3}", List.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessage("unknown key prior.widht in the config file; did you mean prior.width?");
        assertThatThrownBy(() -> ConfigLoader.load("", "", List.of("trainLatents.run.step=3")))
                .hasMessage("unknown key trainLatents.run.step in --set trainLatents.run.step=3;"
                        + " did you mean trainLatents.run.steps?");
        assertThatThrownBy(() -> ConfigLoader.load("nonesuch", "", List.of()))
                .hasMessage("no presets/nonesuch.yaml on the class path");
        assertThatThrownBy(() -> ConfigLoader.load("", "", List.of("seed"))).hasMessageContaining("key=value");
    }

    @Test
    void valuesOutOfRangeNameTheSetting() {
        assertThatThrownBy(() -> ConfigLoader.load("", "", List.of("compute.dtype=fp8")))
                .isInstanceOf(ConfigException.class)
                .hasMessage("compute.dtype is 'fp8'; it must be one of fp32, bf16");
        assertThatThrownBy(() -> ConfigLoader.load("", "", List.of("trainLatents.run.microBatch=5")))
                .hasMessage("trainLatents.run.globalBatch=64 must be a multiple of microBatch=5");
        assertThatThrownBy(() ->
                        ConfigLoader.load("", "", List.of("encoder.patch=4")).networks())
                .hasMessageContaining("reduces pixels 16 times and the decoder's middle 8 times");
        assertThatThrownBy(() -> ConfigLoader.load("", "", List.of("prior.width=wide")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("wide");
    }

    @Test
    void settingsOutOfTheirIntervalAndEmptyPathsAreRefused() {
        Map<String, String> expected = Map.of(
                "prepare.maxMegapixels=501", "prepare.maxMegapixels is 501; it must be in [1, 500]",
                "objective.lossFactor=0", "objective.lossFactor is 0; it must be above 0",
                "objective.bias=1e400", "objective.bias is Infinity; it must be finite",
                "decoder.dropout=1", "decoder.dropout is 1; it must be in [0, 1)",
                "encoder.blocks=[2, 0, 2]", "encoder.blocks is [2,0,2]; it must be at least 1",
                "base.condition={kind: class, dropout: 0}", "base.condition.dropout is 0; it must be in (0, 1)",
                "data.train=", "data.train is empty; name a path");
        expected.forEach((override, message) -> assertThatThrownBy(() -> ConfigLoader.load("", "", List.of(override)))
                .as(override)
                .isInstanceOf(ConfigException.class)
                .hasMessage(message));
    }

    @Test
    void pathsThatAreGivenAreMapped() {
        RunConfig config = ConfigLoader.load("", "", List.of("evaluate.detector.file=i3d.pt", "data.train=train"))
                .withPaths(path -> "/at/" + path);
        assertThat(config.evaluate().detector().file()).isEqualTo("/at/i3d.pt");
        assertThat(config.data().train()).isEqualTo("/at/train");
        assertThat(config.evaluate().lpips()).isEmpty();
        assertThat(config.trainLatents().run().startFrom()).isEmpty();
    }

    @Test
    void errorsCarryTheWholeKeyAndTheNearestKnownOne() {
        Map<String, String> expected = Map.of(
                "trainBase.run.steps=0", "trainBase.run.steps is 0; it must be at least 1",
                "encoder.channels=[a]", "encoder.channels[0]: ",
                "prior.width=wide", "prior.width: ",
                "objective.latentMinLogSnr=6", "objective.latentMinLogSnr=6.0 must be below latentMaxLogSnr=5.0",
                "compute.norm=batch", "compute.norm is 'batch'; it must be one of layer, group, rms",
                "lossFactor=3", "unknown key lossFactor in --set lossFactor=3; did you mean objective.lossFactor?",
                "base.condition.kind=text", "it must be one of none, class",
                "base.condition.classes=3", "a section of kind none has the keys [kind]",
                "base.classes=3",
                        "base.classes in --set base.classes=3 has another name now: base.condition.kind=class");
        expected.forEach((override, message) -> assertThatThrownBy(() -> ConfigLoader.load("", "", List.of(override)))
                .as(override)
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message));
    }

    @Test
    void aSectionOfAnotherKindHasTheDefaultsOfThatKind() {
        RunConfig config = ConfigLoader.load("", "base: {condition: {kind: class, classes: 7}}", List.of());
        assertThat(config.base().condition()).isEqualTo(new ConditionConfig.ClassLabel(7, 0.1));
        assertThat(ConfigLoader.parse(ConfigLoader.yaml(config))).isEqualTo(config);
        assertThat(ConfigLoader.recorded(ConfigLoader.tree(config))).isEqualTo(config);
        RunConfig back = ConfigLoader.load("", ConfigLoader.yaml(config), List.of("base.condition.kind=none"));
        assertThat(back.base().condition()).isEqualTo(new ConditionConfig.None());
    }

    @Test
    void recordedConfigsOfVersion01AreRead() throws Exception {
        JsonNode old = new ObjectMapper()
                .readTree("{\"seed\": 3, \"prepare\": {\"resolution\": 32},"
                        + " \"base\": {\"classes\": 10, \"classDropout\": 0.25}, \"gone\": 1,"
                        + " \"sample\": {\"decoder\": \"stage2\"}}");
        RunConfig config = ConfigLoader.recorded(old);
        assertThat(config.seed()).isEqualTo(3);
        assertThat(config.model()).isEqualTo(SampleShape.picture(32, 32));
        assertThat(config.base().condition()).isEqualTo(new ConditionConfig.ClassLabel(10, 0.25));
        assertThat(config.sample().decoder()).isEqualTo(StageName.DECODER);
        assertThat(config.objective())
                .isEqualTo(ConfigLoader.load("", "", List.of()).objective());
    }

    @Test
    void theLearningRateWarmsUpAndDecays() {
        OptimizerConfig cosine = new OptimizerConfig(1e-3, 0.9, 0.99, 1e-8, 0, 10, LearningRateDecay.COSINE, 1, 0.999);
        assertThat(cosine.learningRate(0, 110)).isEqualTo(1e-4);
        assertThat(cosine.learningRate(9, 110)).isEqualTo(1e-3);
        assertThat(cosine.learningRate(60, 110)).isCloseTo(0.5e-3, org.assertj.core.api.Assertions.within(1e-15));
        assertThat(cosine.learningRate(110, 110)).isCloseTo(0, org.assertj.core.api.Assertions.within(1e-15));
        assertThat(cosine.emaDecay(0)).isEqualTo(0.1);
        assertThat(cosine.emaDecay(1_000_000)).isEqualTo(0.999);
    }
}
