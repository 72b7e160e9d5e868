package io.unifiedlatents.core.config;

/**
 * The settings of Evaluate, which judges reconstructions of held-out pictures, or samples that exist already.
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
        @PathSetting(optional = true) String samples,
        @PathSetting(optional = true) String reference,
        @Within("[0, ∞)") int images,
        @Within("[0, ∞)") long step,
        StageName decoder,
        boolean base,
        @Within("[1, ∞)") int batch,
        SamplerKind sampler,
        @Within("[1, ∞)") int samplerSteps,
        @Within("[1, ∞)") int timesPerImage,
        @Within("[0, ∞)") int gridImages,
        DetectorConfig detector,
        @PathSetting(optional = true) String lpips,
        DistancesConfig distances,
        ClipEvaluationConfig clips,
        TrainingEvaluationConfig training) {
    /** Checks name and decoder. */
    public EvaluateConfig {
        Check.folder("name", name);
        requireDecoder(decoder);
    }

    /** Checks that a stage trains a decoder. */
    static void requireDecoder(StageName decoder) {
        Check.setting(
                decoder != StageName.BASE,
                "decoder is %s, a stage that trains no decoder; it must be latents or decoder",
                decoder);
    }
}
