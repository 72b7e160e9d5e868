package io.unifiedlatents.core.torchscript;

import java.util.List;

/**
 * A complete method of a script.
 *
 * @param name in the script
 * @param nodes in the order in which they run; its arguments are those nodes that are inputs
 * @param results what it returns
 * @param returnsList whether it returns a list of tensors; else one tensor, or a tuple of several
 * @param differentiates whether libtorch records what backward needs
 */
record Method(
        String name, List<Node> nodes, List<? extends Argument> results, boolean returnsList, boolean differentiates) {}
