package io.unifiedlatents.dataprep;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ClipConfig;
import io.unifiedlatents.core.config.PrepareConfig;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.ClipTiming;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.Encoding;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.data.ShardFooter;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.dataprep.clip.Clip;
import io.unifiedlatents.dataprep.clip.ClipReader;
import io.unifiedlatents.dataprep.clip.ClipSettings;
import io.unifiedlatents.dataprep.clip.KineticsClip;
import io.unifiedlatents.dataprep.clip.KineticsTable;
import io.unifiedlatents.dataprep.clip.Span;
import io.unifiedlatents.dataprep.clip.VideoInfo;
import io.unifiedlatents.dataprep.clip.VideoLimits;
import io.unifiedlatents.dataprep.source.UnusableInput;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.broadcast.Broadcast;
import org.jspecify.annotations.Nullable;

/**
 * Makes clips of videos.
 *
 * @param kinetics knows which part of an untrimmed video is meant; null where there is no such table
 */
record ClipMaker(
        ClipSettings settings,
        Encoding encoding,
        VideoLimits limits,
        @Nullable Broadcast<KineticsTable> kinetics) implements SampleMaker {
    static ClipMaker of(PrepareConfig config, @Nullable Broadcast<KineticsTable> kinetics) {
        Check.setting(
                config.transform().equals("centre-crop"),
                "prepare.transform=%s is for pictures; frames of videos are made by centre-crop",
                config.transform());
        Encoding encoding = Encoding.named(config.encoding());
        Check.setting(
                encoding != Encoding.ORIGINAL, "prepare.encoding=original is for pictures; store clips as png or raw");
        ClipConfig clips = config.clips();
        long bytes = 3L * clips.frames() * config.height() * config.width();
        Check.setting(
                bytes <= ClipSettings.MAX_BYTES,
                "prepare.clips.frames=%d of prepare.height=%d and prepare.width=%d make clips of %d bytes, at most %d"
                        + " are made",
                clips.frames(),
                config.height(),
                config.width(),
                bytes,
                ClipSettings.MAX_BYTES);
        ClipSettings settings = new ClipSettings(
                new SampleShape(clips.frames(), config.height(), config.width(), 3),
                clips.fps() > 0 ? 1 : clips.stride(), // which a rate leaves out of account
                clips.fps(),
                clips.offset(),
                config.seed());
        VideoLimits limits =
                new VideoLimits(1_000_000L * config.maxMegapixels(), Duration.ofSeconds(config.secondsPerInput()));
        return new ClipMaker(settings, encoding, limits, kinetics);
    }

    @Override
    public String transform() {
        String rate = settings.fps() > 0 ? settings.fps() + " a second" : "stride " + settings.stride();
        return "%s %s, %d frames, %s, offset %s"
                .formatted(
                        ClipReader.TRANSFORM,
                        settings.shape().size(),
                        settings.frames(),
                        rate,
                        settings.offset().toString());
    }

    @Override
    public boolean clips() {
        return true;
    }

    @Override
    public DatasetManifest manifest(ShardFooter footer, long seed, List<ShardInfo> shards) {
        return DatasetManifest.clips(settings.shape(), footer, seed, shards);
    }

    @Override
    public Size make(String path, byte[] bytes, Sink samples) throws UnusableInput, IOException {
        Span span = kinetics == null
                ? null
                : kinetics.value().find(path).map(KineticsClip::span).orElse(null);
        VideoInfo video = ClipReader.read(
                bytes, settings, Hashes.sampleId(path, 0), span, limits, clip -> samples.add(sample(clip)));
        return new Size(video.width(), video.height());
    }

    private Sample sample(Clip clip) {
        ClipTiming timing = new ClipTiming(
                clip.window(),
                Math.toIntExact(clip.firstFrame()),
                clip.stride(),
                clip.fps(),
                clip.sourceFps(),
                Arrays.stream(clip.seconds()).boxed().toList());
        byte[] stored = encoding.encode(Rgb.of(clip.shape(), clip.pixels()));
        return new Sample(
                clip.window(), stored, clip.shape().width(), clip.shape().height(), timing);
    }
}
