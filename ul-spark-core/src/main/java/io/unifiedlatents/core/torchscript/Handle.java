package io.unifiedlatents.core.torchscript;

/**
 * A variable of a script that is not a tensor: the index of a loop, a random number generator, a list of tensors. Only
 * operations that ask for one take it.
 */
public final class Handle implements Argument.Symbol {
    private final String path;

    Handle(String path) {
        this.path = path;
    }

    @Override
    public String path() {
        return path;
    }
}
