package io.unifiedlatents.dataprep.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.data.ImageCodec;
import io.unifiedlatents.core.data.Rgb;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class FrameStackTest {
    @Test
    void aClipComesBackFromItsPng() throws Unreadable, IOException {
        Clip clip = Samples.read("vp8.webm", Samples.first(5, 24)).get(0);
        Rgb stack = FrameStack.of(clip);
        assertThat(stack.width()).isEqualTo(24);
        assertThat(stack.height()).isEqualTo(120);
        Rgb stored = ImageCodec.decode(ImageCodec.encodePng(stack));
        assertThat(FrameStack.pixels(stored, 5)).isEqualTo(clip.pixels());
        for (int y = 0; y < 24; y++) {
            assertThat(FrameStack.frame(clip, 3).pixels()[3 * 24 * y]).isEqualTo(stack.pixels()[3 * 24 * (72 + y)]);
        }
        assertThatThrownBy(() -> FrameStack.pixels(stored, 6))
                .hasMessage("a picture of 24 x 120 pixels is no stack of 6 square frames");
    }
}
