package io.unifiedlatents.core.torchscript;

/** Operations on pictures that detectors use and the networks of the project do not. */
public final class DetectorOperations {
    private DetectorOperations() {}

    /** Largest value in each window, with padding: [B, C, H, W] → [B, C, h, w]. */
    public static Value maxPool(Scope s, Value x, int kernel, int stride, int padding) {
        Shape shape = x.shape();
        for (int axis = 2; axis < 4; axis++) {
            shape = shape.with(axis, (x.extent(axis) + 2L * padding - kernel) / stride + 1);
        }
        int[] kernels = {kernel, kernel};
        int[] strides = {stride, stride};
        int[] paddings = {padding, padding};
        return s.emit(x, shape, "torch.max_pool2d", x, kernels, strides, paddings);
    }

    /** Resizes a picture bilinearly, with antialiasing where it shrinks: [B, C, H, W] → [B, C, height, width]. */
    public static Value resize(Scope s, Value x, long height, long width) {
        Shape shape = x.shape().with(2, height).with(3, width);
        long[] size = {height, width};
        return s.emit(x, shape, "torch._upsample_bilinear2d_aa", x, size, false, Argument.none());
    }
}
