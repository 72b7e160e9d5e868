package io.unifiedlatents.core.collective.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.CollectiveContract;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.collective.Floats;
import io.unifiedlatents.core.collective.Ranks;
import io.unifiedlatents.core.torchscript.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The contract with libtorch's tensors on real GPUs: on one, and on all of this machine, a thread each. Fails without a
 * GPU.
 */
@Tag("gpu")
@ParameterizedClass
@MethodSource("implementations")
final class NcclGpuTest extends CollectiveContract {
    NcclGpuTest(Implementation implementation) {
        super(implementation);
    }

    @BeforeAll
    static void needsAGpu() {
        assertThat(gpus())
                .as("GPUs that libtorch sees; it needs the profile -Pcu124, and libcudart.so where the loader finds it")
                .isPositive();
    }

    private static int gpus() {
        Torch.start();
        return Engine.getInstance().getGpuCount();
    }

    static Stream<Implementation> implementations() {
        return IntStream.of(1, gpus())
                .distinct()
                .filter(size -> size > 0)
                .mapToObj(size -> new Implementation(
                        "GPUs by NCCL", size, (rank, values) -> copy(rank, values), () -> connect(size)));
    }

    private static List<Collective> connect(int size) throws Exception {
        List<Callable<Collective>> calls = new ArrayList<>();
        for (Collective control : Ranks.ring(size, TIMEOUT)) {
            calls.add(() -> NcclCollective.connect(control, Torch.gpu(Device.gpu(control.rank())), TIMEOUT));
        }
        return Ranks.all(calls);
    }

    private static Floats copy(int rank, FloatVector values) throws Exception {
        NDManager manager = Torch.newManager(Device.gpu(rank)); // stays open, as the vector is a view
        Floats floats = Torch.memory(manager.zeros(new Shape(values.size())));
        floats.set(values, 0);
        return floats;
    }

    @Test
    void libtorchSeesWhatIsCopiedAndTheOtherWayRound() throws Exception {
        try (NDManager manager = Torch.newManager(Device.gpu(0))) {
            var tensor = manager.create(new float[] {1, 2, 3});
            Torch.memory(tensor).set(FloatVector.copyOf(new float[] {7}), 1);
            tensor.addi(1);
            FloatVector host = FloatVector.allocate(3);
            Torch.memory(tensor).copyTo(host);
            assertThat(host.toArray()).containsExactly(2, 8, 4);
            assertThat(tensor.toFloatArray()).containsExactly(2, 8, 4);
        }
    }
}
