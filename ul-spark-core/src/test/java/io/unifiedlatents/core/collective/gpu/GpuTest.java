package io.unifiedlatents.core.collective.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.CollectiveContract;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.collective.LocalCollective;
import io.unifiedlatents.core.config.ConfigException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GpuTest {
    @TempDir
    private Path directory;

    @Test
    void structsAreLaidOutAsTheCompilerDoes() throws Exception {
        FakeGpu.Control c = FakeGpu.control();
        NcclConfig config = new NcclConfig();
        config.write();
        Pointer memory = config.getPointer();
        assertThat(new NcclUniqueId().size()).isEqualTo(128).isEqualTo((int) c.fakeLayout(0));
        assertThat(config.size()).isEqualTo(NcclConfig.BYTES).isEqualTo((int) c.fakeLayout(1));
        assertThat(memory.getLong(0)).isEqualTo(NcclConfig.BYTES);
        assertThat(memory.getInt(c.fakeLayout(2))).isEqualTo(0xcafebeef);
        assertThat(memory.getInt(c.fakeLayout(3))).isEqualTo(21400);
        assertThat(memory.getInt(c.fakeLayout(4))).isZero();
    }

    @Test
    void theUniqueIdIsPassedByValueToItsLastByte() throws Exception {
        NcclLibrary nccl = FakeGpu.open(0).nccl();
        NcclUniqueId id = new NcclUniqueId();
        nccl.ncclGetUniqueId(id.getPointer());
        id.read();
        PointerByReference communicator = new PointerByReference();
        assertThat(nccl.ncclCommInitRankConfig(communicator, 1, id, 0, new NcclConfig()))
                .isEqualTo(7);
        nccl.ncclCommAbort(communicator.getValue());
        id.internal[127]++;
        assertThat(nccl.ncclCommInitRankConfig(communicator, 1, id, 0, new NcclConfig()))
                .isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({
        "0, SUCCESS",
        "1, UNHANDLED_CUDA_ERROR",
        "2, SYSTEM_ERROR",
        "3, INTERNAL_ERROR",
        "4, INVALID_ARGUMENT",
        "5, INVALID_USAGE",
        "6, REMOTE_ERROR",
        "7, IN_PROGRESS",
        "8, UNKNOWN",
        "-1, UNKNOWN"
    })
    void everyResultOfNcclIsKnown(int code, NcclResult result) {
        assertThat(NcclResult.of(code)).isEqualTo(result);
        assertThat(result.isGood()).isEqualTo(code == 0 || code == 7);
        assertThat(result.message(code, " what it said\n"))
                .startsWith("NCCL error " + code + ", ")
                .contains(" [what it said]; ");
    }

    @Test
    void aLibtorchForCpusIsToldFromOneForGpus() {
        assertThatThrownBy(() -> Gpu.open(directory, 0))
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        directory + " has no libtorch_cuda.so, so its libtorch is one for CPUs; build and submit with"
                                + " the profile -Pcu124, or set compute.device=cpu");
    }

    @Test
    void theCudaRuntimeMustLieBesideLibtorch() throws Exception {
        Files.createFile(directory.resolve("libtorch_cuda.so"));
        assertThatThrownBy(() -> Gpu.open(directory, 0))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("no libcudart*.so* beside it");
    }

    @Test
    void aLibraryThatCannotBeLoadedSaysWhy() throws Exception {
        Files.createFile(directory.resolve("libtorch_cuda.so"));
        Files.createFile(directory.resolve("libcudart-1.so.12"));
        assertThatThrownBy(() -> Gpu.open(directory, 0))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("cannot load libcudart-1.so.12 and libtorch_cuda.so of " + directory)
                .hasMessageContaining("NVIDIA driver");
    }

    @Test
    void aMissingFunctionIsFoundAtOnce() throws Exception {
        Path source = Files.writeString(directory.resolve("other.c"), "int cudaSetDevice(int device) { return 0; }");
        FakeGpu.compile(source, directory.resolve("libtorch_cuda.so"));
        FakeGpu.compile(source, directory.resolve("libcudart-2.so.12"));
        assertThatThrownBy(() -> Gpu.open(directory, 0))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("undefined symbol: cuda");
    }

    @Test
    void valuesGoToTheGpuAndBack() throws Exception {
        Gpu gpu = FakeGpu.open(0);
        DeviceFloats floats = FakeGpu.copy(gpu, FloatVector.copyOf(new float[] {0, 1, 2, 3, 4, 5, 6}));
        floats.set(CollectiveContract.segmented(new float[] {-1, -2, -3}, 2), 1);
        floats.range(4, 6).fill(host -> host.set(FloatVector.copyOf(new float[] {7, 8}), 0));

        FloatVector host = CollectiveContract.segmented(new float[7], 3);
        floats.copyTo(host);
        assertThat(host.toArray()).containsExactly(0, -1, -2, -3, 7, 8, 6);

        FloatVector heap = FloatVector.of(ByteBuffer.allocate(8));
        floats.range(2, 7).range(1, 3).copyTo(heap);
        assertThat(heap.toArray()).containsExactly(-3, 7);
    }

    @Test
    void copiesKeepToTheVector() throws Exception {
        DeviceFloats floats = FakeGpu.copy(FakeGpu.open(0), FloatVector.allocate(3));
        assertThatThrownBy(() -> floats.set(FloatVector.allocate(3), 1)).hasMessage("range [1, 4) outside size=3");
        assertThatThrownBy(() -> floats.copyTo(FloatVector.allocate(2))).hasMessage("cannot copy 3 floats into 2");
    }

    @Test
    void aCopyFollowsWhatIsBeingComputed() throws Exception {
        DeviceFloats floats = FakeGpu.copy(FakeGpu.open(2), FloatVector.allocate(2));
        FakeGpu.control().fakeCompute(2, floats.pointer(1), 5);
        FloatVector host = FloatVector.allocate(2);
        floats.copyTo(host);
        assertThat(host.toArray()).containsExactly(0, 5);
    }

    @Test
    void aGpuThatIsNotThereIsNamed() throws Exception {
        Gpu gpu = FakeGpu.open(99);
        assertThatThrownBy(gpu::select)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("GPU 99: CUDA error 101, some CUDA error");
    }

    @Test
    void ranksOfHostMemoryRefuseIt() throws Exception {
        DeviceFloats floats = FakeGpu.copy(FakeGpu.open(0), FloatVector.allocate(2));
        List<Collective> threads = LocalCollective.group(1, CollectiveContract.TIMEOUT);
        assertThatThrownBy(() -> threads.get(0).broadcast(floats, 0))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("GPU 0")
                .hasMessageContaining("compute.device=cpu");
    }
}
