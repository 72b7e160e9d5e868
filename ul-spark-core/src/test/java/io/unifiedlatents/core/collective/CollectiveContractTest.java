package io.unifiedlatents.core.collective;

import io.unifiedlatents.core.collective.gpu.FakeGpu;
import io.unifiedlatents.core.collective.ring.Encryption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("implementations")
final class CollectiveContractTest extends CollectiveContract {
    CollectiveContractTest(Implementation implementation) {
        super(implementation);
    }

    static Stream<Implementation> implementations() {
        return Stream.concat(
                Stream.of(Implementation.onHost("solo", 1, () -> List.of(new SoloCollective()))),
                Stream.of(1, 2, 3, 5)
                        .flatMap(size -> Stream.of(
                                Implementation.onHost("threads", size, () -> LocalCollective.group(size, TIMEOUT)),
                                Implementation.onHost("plain ring", size, () -> Ranks.ring(size, TIMEOUT)),
                                Implementation.onHost(
                                        "encrypted ring",
                                        size,
                                        () -> Ranks.ring(size, Encryption.AES_256_GCM, TIMEOUT)),
                                Implementation.onHost("host memory by NCCL", size, () -> FakeGpu.ranks(size, TIMEOUT)),
                                new Implementation(
                                        "GPU memory by NCCL",
                                        size,
                                        (rank, values) -> FakeGpu.copy(FakeGpu.open(rank), values),
                                        () -> FakeGpu.ranks(size, TIMEOUT)))));
    }
}
