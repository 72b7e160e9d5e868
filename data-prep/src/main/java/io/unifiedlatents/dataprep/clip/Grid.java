package io.unifiedlatents.dataprep.clip;

import io.unifiedlatents.core.config.ClipOffset;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.random.Seeds;

/**
 * The sampling grid of a video: an endless row of frame numbers or times, of which every {@link ClipSettings#frames}
 * make a window. See {@link ClipSettings} for the rule.
 */
sealed interface Grid {
    /**
     * Whether sample {@code j} shows the frame that is on screen until {@code end}, given that it begins late enough.
     */
    boolean shows(long j, long frame, double end);

    /** A timestamp at or after the frame that sample 0 shows, and before the next. */
    long start(FrameTimes times);

    /** Every {@code stride}-th frame from {@code first} on. */
    record ByFrame(long first, int stride) implements Grid {
        @Override
        public boolean shows(long j, long frame, double end) {
            return frame == first + j * stride;
        }

        @Override
        public long start(FrameTimes times) {
            return times.ticks().get((int) first);
        }
    }

    /** A time every {@code step} ticks from {@code first} on; a frame may begin {@code tolerance} late. */
    record ByTime(double first, double step, double tolerance) implements Grid {
        @Override
        public boolean shows(long j, long frame, double end) {
            return first + j * step + tolerance <= end;
        }

        @Override
        public long start(FrameTimes times) {
            return (long) Math.floor(first + tolerance);
        }
    }

    /** The grid from the first frame on. */
    static Grid fromFirst(ClipSettings settings, long firstTime, VideoFile video) {
        return settings.fps() == 0
                ? new ByFrame(0, settings.stride())
                : new ByTime(firstTime, step(settings, video), video.tolerance());
    }

    /** The grid of one window in the middle or anywhere. */
    static Grid within(ClipSettings settings, String sampleId, FrameTimes times, VideoFile video) throws Unreadable {
        double share =
                settings.offset() == ClipOffset.CENTRE ? 0.5 : Seeds.unitInterval(key(settings.seed(), sampleId));
        if (settings.fps() == 0) {
            long spare = times.ticks().size() - settings.framesNeeded();
            if (spare < 0) {
                throw tooFewFrames(times.ticks().size(), settings);
            }
            long first = settings.offset() == ClipOffset.CENTRE ? spare / 2 : (long) (share * (spare + 1));
            return new ByFrame(first, settings.stride());
        }
        if (times.ticks().isEmpty()) {
            throw tooFewSeconds(0, settings);
        }
        double step = step(settings, video);
        double duration = times.end() - times.ticks().get(0);
        double latest = duration - (settings.frames() - 1) * step - video.tolerance();
        if (latest < 0) {
            throw tooFewSeconds(duration * video.info().tick(), settings);
        }
        double spare = Math.max(0, duration - settings.frames() * step);
        return new ByTime(times.ticks().get(0) + Math.min(share * spare, latest), step, video.tolerance());
    }

    private static double step(ClipSettings settings, VideoFile video) {
        return 1 / (settings.fps() * video.info().tick());
    }

    private static long key(long seed, String sampleId) {
        String hash = Hashes.sha256(sampleId);
        return Seeds.of(
                seed,
                "clip",
                Long.parseUnsignedLong(hash.substring(0, 16), 16),
                Long.parseUnsignedLong(hash.substring(16, 32), 16));
    }

    /** The error of a video with fewer frames than a window needs. */
    static Unreadable tooFewFrames(long frames, ClipSettings settings) {
        return new Unreadable("too short: %d frames, a window needs %d".formatted(frames, settings.framesNeeded()));
    }

    /** The error of a video that ends before the last sample of a window. */
    static Unreadable tooFewSeconds(double seconds, ClipSettings settings) {
        return new Unreadable("too short: %.3f s, a window needs more than %.3f"
                .formatted(seconds, (settings.frames() - 1) / settings.fps()));
    }
}
