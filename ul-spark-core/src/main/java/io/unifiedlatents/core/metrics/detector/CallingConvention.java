package io.unifiedlatents.core.metrics.detector;

import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.torchscript.Signature;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The calling convention of a detector, recognised by the arguments of its {@code forward}. */
public enum CallingConvention {
    /**
     * {@code forward(pictures)}, which returns features [B, F], or a tuple of features and logits [B, K], or of
     * features, logits and spatial features [B, C, H, W]. Pictures are uint8 [B, 3, R, R], or after a {@link Resize}
     * float32 of 0 to 255.
     */
    PLAIN("forward(pictures)"),
    /**
     * NVIDIA's inception-2015-12-05.pt: features by {@code return_features}, class probabilities by
     * {@code no_output_bias}. It resizes as TensorFlow 1 does and normalises by itself; to 299 x 299 pixels that were
     * resized before it leaves them as they are.
     */
    INCEPTION("forward(img, return_features=False, use_fp16=False, no_output_bias=False)"),
    /**
     * StyleGAN-V's i3d_torchscript.pt: clips, float32 [B, 3, T, H, W] of 0 to 255, which it resizes and normalises by
     * itself, to logits [B, 400], taken as features.
     */
    I3D("forward(x, rescale=False, resize=False, return_features=False)"),
    /** {@code forward(a, b)}: perceptual distances [B] or [B, 1, 1, 1] of pictures, float32 in [-1, 1]. */
    LPIPS_PAIR("forward(a, b)"),
    /**
     * NVIDIA's vgg16.pt: with {@code return_lpips}, scaled features [B, F] of pictures, float32 of 0 to 255, whose
     * squared Euclidean distance is LPIPS.
     */
    LPIPS_FEATURES("forward(img, resize_images=True, return_features=False, return_lpips=False)");

    private static final String TENSOR = "Tensor";

    private final String declaration;

    CallingConvention(String declaration) {
        this.declaration = declaration;
    }

    /** Names of the arguments with defaults, whatever their order in a file. */
    private Set<String> flags() {
        return Pattern.compile("\\w+(?==)")
                .matcher(declaration)
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toSet());
    }

    /**
     * The convention that a signature fits.
     *
     * @param path of the file, for the message
     * @throws ConfigException if it fits none
     */
    static CallingConvention of(Signature signature, String path) {
        List<Signature.Argument> all = signature.arguments();
        if (!all.isEmpty() && all.get(0).type().equals(TENSOR)) {
            List<Signature.Argument> others = all.subList(1, all.size());
            if (others.isEmpty()) {
                return PLAIN;
            }
            if (others.get(0).type().equals(TENSOR) && others.stream().skip(1).allMatch(Signature.Argument::optional)) {
                return LPIPS_PAIR;
            }
            for (CallingConvention convention : List.of(INCEPTION, I3D, LPIPS_FEATURES)) {
                Set<String> names = others.stream()
                        .filter(argument -> argument.type().equals("bool"))
                        .map(Signature.Argument::name)
                        .collect(Collectors.toSet());
                if (names.size() == others.size() && names.equals(convention.flags())) {
                    return convention;
                }
            }
        }
        throw new ConfigException(path + ": its network has forward" + signature + "; known are "
                + Stream.of(values()).map(c -> c.declaration).collect(Collectors.joining(", ")));
    }

    /** The input and the flags of a call, in the order of the signature. */
    Object[] arguments(Signature signature, Object input, Set<String> set) {
        if (flags().isEmpty()) {
            return new Object[] {input};
        }
        return Stream.concat(
                        Stream.of(input),
                        signature.arguments().stream().skip(1).map(argument -> set.contains(argument.name())))
                .toArray();
    }
}
