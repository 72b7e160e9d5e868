package io.unifiedlatents.core.torchscript;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

/**
 * A TorchScript archive loaded by libtorch. Methods may be called from several threads at once. Holds native memory
 * until closed.
 */
public final class Program implements AutoCloseable {
    private static final String MODEL_NAME = "ul";

    private final Model model;
    private final Block block;
    private final ParameterStore noParameters;

    private Program(Model model) {
        this.model = model;
        this.block = model.getBlock();
        this.noParameters = new ParameterStore(model.getNDManager(), false);
    }

    /** Loads an archive onto a device. */
    public static Program load(Archive archive, Device device) {
        try {
            return load(new ByteArrayInputStream(archive.bytes()), device);
        } catch (IOException | RuntimeException e) {
            throw new IllegalStateException("libtorch refused a script written here:\n" + archive.code(), e);
        }
    }

    /**
     * Loads any TorchScript archive onto a device, as detectors given by users.
     *
     * @throws IOException if libtorch cannot read it
     */
    public static Program load(InputStream archive, Device device) throws IOException {
        Torch.start();
        Model model = Model.newInstance(MODEL_NAME, device, Torch.ENGINE);
        try {
            model.load(archive, Map.of("mapLocation", "true"));
        } catch (MalformedModelException e) {
            model.close();
            throw new IOException("not a TorchScript archive", e);
        } catch (IOException | RuntimeException e) {
            model.close();
            throw e;
        }
        return new Program(model);
    }

    /**
     * Calls a method.
     *
     * @param method its name in the script
     * @param results manager that will own what the method returns
     * @param inputs tensors in the order of the method's arguments, on the program's device; unchanged unless the
     *     method says that it writes to one
     * @return the returned tensors in order
     */
    public NDList call(String method, NDManager results, NDArray... inputs) {
        return call(method, results, new NDList(), inputs);
    }

    /** Calls a method whose last argument is a list of tensors, see {@link #call(String, NDManager, NDArray...)}. */
    public NDList call(String method, NDManager results, NDList list, NDArray... inputs) {
        // DJL picks the method by the name of a dummy array, and gives results to the manager of the first array
        try (NDArray name = results.create(0)) {
            name.setName("module_method:" + method);
            NDList all = new NDList(inputs.length + list.size() + 1);
            all.add(name);
            all.addAll(List.of(inputs));
            list.forEach(array -> array.setName("list[]")); // arrays named so become one argument
            all.addAll(list);
            return block.forward(noParameters, all, true);
        }
    }

    /**
     * Calls a method of a network that is only used, never trained: in evaluation mode, whatever mode it was saved in,
     * without gradients, and as the script is written, since a graph that libtorch optimises after some calls may round
     * otherwise than in the first.
     *
     * @param method its name in the script
     * @param results manager that will own what the method returns
     * @param arguments {@link NDArray} or {@link Boolean}, in the order of the method's arguments; those left out at
     *     the end take their defaults
     * @return the returned tensors in order, those of a tuple one by one
     */
    public NDList infer(String method, NDManager results, Object... arguments) {
        PtSymbolBlock network = (PtSymbolBlock) block;
        IValue[] values = new IValue[arguments.length];
        try {
            for (int i = 0; i < values.length; i++) {
                values[i] = arguments[i] instanceof Boolean flag
                        ? IValue.from(flag)
                        : IValue.from((PtNDArray) arguments[i]);
            }
            JniUtils.setGraphExecutorOptimize(false); // of this thread
            JniUtils.enableInferenceMode(network);
            try (IValue returned = IValueUtils.runMethod(network, method, values)) {
                return returned.toNDList((PtNDManager) results);
            }
        } finally {
            for (IValue value : values) {
                if (value != null) {
                    value.close();
                }
            }
        }
    }

    @Override
    public void close() {
        model.close();
    }
}
