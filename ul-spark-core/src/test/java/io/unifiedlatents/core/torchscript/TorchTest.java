package io.unifiedlatents.core.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.config.ConfigException;
import org.junit.jupiter.api.Test;

final class TorchTest {
    @Test
    void theAddressOfATensorIsThatOfItsMemory() {
        try (NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray tensor = manager.create(new float[] {1, 2, 3});
            long memory = Pointer.nativeValue(Native.getDirectBufferPointer(Torch.bytes(tensor)));
            assertThat(Torch.address(tensor)).isEqualTo(memory);
            assertThat(new Pointer(Torch.address(tensor)).getFloat(8)).isEqualTo(3);
            assertThat(Torch.address(tensor.get("1:"))).isEqualTo(memory + Float.BYTES);
        }
    }

    @Test
    void writingToTheMemoryOfATensorChangesIt() throws Exception {
        try (NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray tensor = manager.create(new float[] {1, 2, 3});
            Torch.memory(tensor).range(1, 3).fill(values -> values.set(FloatVector.copyOf(new float[] {7}), 1));
            assertThat(tensor.toFloatArray()).containsExactly(1, 2, 7);
        }
    }

    @Test
    void aLibtorchForCpusKnowsNoGpu() {
        org.junit.jupiter.api.Assumptions.assumeTrue(
                ai.djl.engine.Engine.getEngine("PyTorch").getGpuCount() == 0, "there is one");
        assertThatThrownBy(() -> Torch.gpu(Device.gpu(0)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("-Pcu124");
    }
}
