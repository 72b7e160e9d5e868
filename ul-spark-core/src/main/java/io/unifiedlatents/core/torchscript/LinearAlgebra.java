package io.unifiedlatents.core.torchscript;

import java.util.List;

/** Decompositions of matrices. */
public final class LinearAlgebra {
    private LinearAlgebra() {}

    /**
     * Eigenvalues and eigenvectors of a symmetric matrix.
     *
     * @param values [n], ascending
     * @param vectors [n, n], one a column, orthonormal
     */
    public record Eigen(Value values, Value vectors) {}

    /** Decomposes a symmetric matrix [n, n]; its upper triangle is not read. */
    public static Eigen eigh(Value x) {
        List<Shape> shapes = List.of(x.shape().without(1), x.shape());
        List<Value> found =
                x.graph().emitSeveral(Node.Kind.COMPUTED, x.path(), shapes, x.dtype(), "torch.linalg_eigh", x, "L");
        return new Eigen(found.get(0), found.get(1));
    }

    /** Singular values of a square matrix, [n, n] → [n], descending. */
    public static Value singularValues(Value x) {
        return x.graph().emit(x.path(), x.shape().without(1), x.dtype(), "torch.linalg_svdvals", x);
    }
}
