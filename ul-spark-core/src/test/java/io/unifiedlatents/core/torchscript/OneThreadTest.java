package io.unifiedlatents.core.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** What MKL, which computes libtorch's decompositions, is told about threads. */
@EnabledIfSystemProperty(named = "os.arch", matches = "amd64")
class OneThreadTest {
    @BeforeEach
    void start() {
        Torch.start();
    }

    private static int threads() {
        return Torch.library().getFunction("MKL_Get_Max_Threads").invokeInt(new Object[0]);
    }

    /** Sets this thread's own number. */
    private static void set(int threads) {
        Torch.library().getFunction("MKL_Set_Num_Threads_Local").invokeInt(new Object[] {threads});
    }

    @Test
    void oneInsideAndTheSameAsBeforeOutside() {
        set(3);
        try {
            assertThat(threads()).isEqualTo(3); // else this test could not fail
            assertThat(Torch.onOneThread(OneThreadTest::threads)).isEqualTo(1);
            assertThat(threads()).isEqualTo(3);
            assertThatThrownBy(() -> Torch.onOneThread(() -> {
                        throw new IllegalStateException("a matrix that is none");
                    }))
                    .hasMessage("a matrix that is none");
            assertThat(threads()).isEqualTo(3);
        } finally {
            set(0);
        }
    }
}
