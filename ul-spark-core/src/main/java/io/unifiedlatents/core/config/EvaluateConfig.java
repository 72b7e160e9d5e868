package io.unifiedlatents.core.config;

/**
 * What Evaluate measures on the held-out shards.
 *
 * @param name folder of the report below {@code <runDirectory>/evaluation}
 * @param step checkpoint whose moving average is judged; 0 for the newest
 * @param decoder {@code stage1}, the decoder trained with the encoder, or {@code stage2}, the one trained on frozen
 *     latents
 * @param images held-out pictures taken, from the first on; 0 for all
 * @param batch pictures a task handles at once; figures do not depend on it beyond float rounding
 * @param samplerSteps denoising steps of a reconstruction
 * @param timesPerImage noise levels drawn for each picture to estimate its bits
 * @param detector TorchScript file that maps pictures, uint8 [B, 3, R, R], to features [B, F]; empty for none
 * @param gridImages pictures shown in the grid, original beside reconstruction
 */
public record EvaluateConfig(
        String name,
        long step,
        String decoder,
        int images,
        int batch,
        int samplerSteps,
        int timesPerImage,
        String detector,
        int gridImages) {
    /** Checks the ranges. */
    public EvaluateConfig {
        Check.setting(
                decoder.equals("stage1") || decoder.equals("stage2"),
                "evaluate.decoder is '%s'; it must be stage1 or stage2",
                decoder);
        Check.setting(
                step >= 0 && images >= 0 && batch >= 1 && samplerSteps >= 1 && timesPerImage >= 1 && gridImages >= 0,
                "evaluate: step=%d, images=%d and gridImages=%d must be 0 or more; batch=%d, samplerSteps=%d and"
                        + " timesPerImage=%d at least 1",
                step,
                images,
                gridImages,
                batch,
                samplerSteps,
                timesPerImage);
    }

    /** The same with another detector. */
    EvaluateConfig withDetector(String file) {
        return new EvaluateConfig(name, step, decoder, images, batch, samplerSteps, timesPerImage, file, gridImages);
    }
}
