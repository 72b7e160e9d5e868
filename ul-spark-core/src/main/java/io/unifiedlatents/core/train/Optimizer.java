package io.unifiedlatents.core.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.unifiedlatents.core.config.OptimizerConfig;
import io.unifiedlatents.core.torchscript.Archive;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.InPlace;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Program;
import io.unifiedlatents.core.torchscript.Value;

/**
 * AdamW (Loshchilov and Hutter 2019) and the parameters' moving average, in place on one rank's range of the flat
 * vectors: moments and average of other ranges live on other ranks (ZeRO-1).
 */
final class Optimizer implements AutoCloseable {
    private final OptimizerConfig config;
    private final Program program;

    Optimizer(OptimizerConfig config, TrainState state) {
        this.config = config;
        this.program = Program.load(script(config, state), state.device());
    }

    private static Archive script(OptimizerConfig config, TrainState state) {
        long all = state.parameters().size();
        long begin = state.begin();
        long end = state.end();
        Graph update = new Graph("update", new ParameterLayout(), DType.FLOAT32);
        Value parameters = update.input("parameters", DType.FLOAT32, all);
        Value gradient = update.input("gradient", DType.FLOAT32, all);
        Value moment1 = update.input("moment1", DType.FLOAT32, end - begin);
        Value moment2 = update.input("moment2", DType.FLOAT32, end - begin);
        Value average = update.input("average", DType.FLOAT32, end - begin);
        // {clip factor, learning rate, 1 / (1 − β1^t), 1 / √(1 − β2^t), 1 − EMA decay}
        Value coefficients = update.input("coefficients", DType.FLOAT32, 5);
        Value rate = coefficients.select(0, 1);
        Value g = gradient.slice(0, begin, end).mul(coefficients.select(0, 0));
        Value p = parameters.slice(0, begin, end);
        InPlace.add(InPlace.mul(moment1, config.beta1()), g, 1 - config.beta1());
        InPlace.addcmul(InPlace.mul(moment2, config.beta2()), g, g, 1 - config.beta2());
        Value mean = moment1.mul(rate.mul(coefficients.select(0, 2)));
        Value deviation = moment2.sqrt().mul(coefficients.select(0, 3)).add(config.epsilon());
        InPlace.mul(p, rate.mul(-config.weightDecay()).add(1));
        InPlace.sub(p, mean.div(deviation));
        InPlace.lerp(average, p, coefficients.select(0, 4));
        InPlace.zero(gradient);
        update.output(rate);

        Graph power = new Graph("power", new ParameterLayout(), DType.FLOAT32);
        Value squared = power.input("gradient", DType.FLOAT32, all)
                .slice(0, begin, end)
                .to(DType.FLOAT64) // a sum over 10⁹ squares keeps its digits
                .square();
        power.output(squared.sum());
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
