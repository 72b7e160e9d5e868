package io.unifiedlatents.core.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.unifiedlatents.core.config.OptimizerConfig;
import io.unifiedlatents.core.torchscript.Archive;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Program;

/**
 * AdamW (Loshchilov and Hutter 2019) and the parameters' moving average, in place on one rank's range of the flat
 * vectors: moments and average of other ranges live on other ranks (ZeRO-1).
 */
final class Optimizer implements AutoCloseable {
    private final OptimizerConfig config;
    private final Program program;

    Optimizer(OptimizerConfig config, TrainState state) {
        this.config = config;
        this.program = Program.load(script(config, state.begin(), state.end()), state.device());
    }

    private static Archive script(OptimizerConfig config, long begin, long end) {
        Graph update = new Graph("update", new ParameterLayout(), DType.FLOAT32);
        for (String name : new String[] {"parameters", "gradient", "moment1", "moment2", "average", "c"}) {
            update.input(name, DType.FLOAT32, 0);
        }
        String range = ", 0, " + begin + ", " + end + ", 1)";
        // c = {clip factor, learning rate, 1 / (1 − β1^t), 1 / √(1 − β2^t), 1 − EMA decay}
        update.line("g = torch.mul(torch.slice(gradient" + range + ", torch.select(c, 0, 0))");
        update.line("p = torch.slice(parameters" + range);
        update.line(
                "_1 = torch.add_(torch.mul_(moment1, " + config.beta1() + "), g, alpha=" + (1 - config.beta1()) + ")");
        update.line("_2 = torch.addcmul_(torch.mul_(moment2, " + config.beta2() + "), g, g, value="
                + (1 - config.beta2()) + ")");
        update.line("d = torch.add(torch.mul(torch.sqrt(moment2), torch.select(c, 0, 3)), " + config.epsilon() + ")");
        update.line("r = torch.select(c, 0, 1)");
        update.line("_3 = torch.mul_(p, torch.add(torch.mul(r, " + -config.weightDecay() + "), 1.0))");
        update.line("_4 = torch.sub_(p, torch.div(torch.mul(moment1, torch.mul(r, torch.select(c, 0, 2))), d))");
        update.line("_5 = torch.lerp_(average, p, torch.select(c, 0, 4))");
        update.line("_6 = torch.zero_(gradient)");
        update.output(update.named("r", DType.FLOAT32));

        Graph power = new Graph("power", new ParameterLayout(), DType.FLOAT32);
        power.input("gradient", DType.FLOAT32, 0);
        // float64: a sum over 10⁹ squares keeps its digits
        power.line("y = torch.sum(torch.square(torch.to(torch.slice(gradient" + range + ", 7)))");
        power.output(power.named("y", DType.FLOAT64));
        return Archive.of(update, power);
    }

    /** Sum of the squares of the own range of the gradient. */
    double power(TrainState state) {
        if (state.isEmpty()) {
            return 0;
        }
        try (NDManager call = state.manager().newSubManager()) {
            return program.call("power", call, state.gradient())
                    .singletonOrThrow()
                    .getDouble();
        }
    }

    /**
     * One step on the own range; then the whole gradient is zero.
     *
     * @param step counted from 0
     * @param steps of the whole run
     * @param clip what the gradient is multiplied with first, 1 for no clipping
     */
    void update(TrainState state, long step, long steps, double clip) {
        if (state.isEmpty()) {
            state.gradient().subi(state.gradient());
            return;
        }
        double correction1 = 1 / (1 - Math.pow(config.beta1(), step + 1.0));
        double correction2 = 1 / Math.sqrt(1 - Math.pow(config.beta2(), step + 1.0));
        float[] c = {
            (float) clip,
            (float) config.learningRate(step, steps),
            (float) correction1,
            (float) correction2,
            (float) (1 - config.emaDecay(step))
        };
        try (NDManager call = state.manager().newSubManager()) {
            NDArray coefficients = call.create(c);
            program.call(
                    "update",
                    call,
                    state.parameters(),
                    state.gradient(),
                    state.moment1(),
                    state.moment2(),
                    state.average(),
                    coefficients);
        }
    }

    @Override
    public void close() {
        program.close();
    }
}
