package io.unifiedlatents.core.collective;

import java.util.List;

final class SoloCollectiveTest extends CollectiveContractTest {
    @Override
    List<Collective> connect() {
        return List.of(new SoloCollective());
    }
}
