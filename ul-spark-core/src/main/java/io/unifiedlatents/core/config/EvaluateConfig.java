package io.unifiedlatents.core.config;

import java.util.function.UnaryOperator;

/**
 * What Evaluate measures: reconstructions of held-out pictures, or samples that are there already.
 *
 * @param name folder of the report below {@code <runDirectory>/evaluation}
 * @param samples what is judged: a data set of pictures or clips, or a .npz file with uint8 {@code arr_0} [N, H, W, 3];
 *     empty: reconstructions of {@code data.validation} by the run's networks
 * @param reference what it is compared with: a data set, a directory that ReferenceStatistics wrote, or a .npz file
 *     with {@code mu} and {@code sigma}; empty: {@code data.validation}. Reconstructions are compared with their
 *     originals
 * @param images samples or held-out pictures taken, from the first on; 0 for all
 * @param step checkpoint whose moving average is judged; 0 for the newest
 * @param decoder stage whose decoder is judged: {@code latents}, where it is trained with the encoder, or
 *     {@code decoder}, where it is trained on frozen latents
 * @param base whether bits are measured under the newest base model as well
 * @param batch pictures given to a network at once; the last batch is filled up to it, so that a figure never depends
 *     on what else is computed. Another batch may change the last digits
 * @param sampler method of reconstructions
 * @param samplerSteps denoising steps of a reconstruction
 * @param timesPerImage noise levels drawn for each picture to estimate its bits
 * @param gridImages pictures in each grid of the report
 * @param detector the network whose features are compared
 * @param lpips TorchScript file that measures perceptual distances; empty for none
 * @param distances figures made of features
 * @param clips how clips are brought to the detector
 * @param training what training itself evaluates, every {@code run.evaluateEvery} steps
 */
public record EvaluateConfig(
        String name,
        String samples,
        String reference,
        int images,
        long step,
        StageName decoder,
        boolean base,
        int batch,
        SamplerKind sampler,
        int samplerSteps,
        int timesPerImage,
        int gridImages,
        DetectorConfig detector,
        String lpips,
        DistancesConfig distances,
        ClipEvaluationConfig clips,
        TrainingEvaluationConfig training) {
    /** Checks the ranges. */
    public EvaluateConfig {
        Check.folder("name", name);
        requireDecoder(decoder);
        Check.setting(
                step >= 0 && images >= 0 && batch >= 1 && samplerSteps >= 1 && timesPerImage >= 1 && gridImages >= 0,
                "step=%d, images=%d and gridImages=%d must be 0 or more; batch=%d, samplerSteps=%d and"
                        + " timesPerImage=%d at least 1",
                step,
                images,
                gridImages,
                batch,
                samplerSteps,
                timesPerImage);
    }

    /** Checks that a stage trains a decoder. */
    static void requireDecoder(StageName decoder) {
        Check.setting(
                decoder != StageName.BASE,
                "decoder is %s, a stage that trains no decoder; it must be latents or decoder",
                decoder);
    }

    /** The same with every path mapped. */
    EvaluateConfig withPaths(UnaryOperator<String> map) {
        UnaryOperator<String> given = path -> path.isEmpty() ? path : map.apply(path);
        return new EvaluateConfig(
                name,
                given.apply(samples),
                given.apply(reference),
                images,
                step,
                decoder,
                base,
                batch,
                sampler,
                samplerSteps,
                timesPerImage,
                gridImages,
                new DetectorConfig(given.apply(detector.file()), detector.resize(), detector.side()),
                given.apply(lpips),
                distances,
                clips,
                training);
    }
}
