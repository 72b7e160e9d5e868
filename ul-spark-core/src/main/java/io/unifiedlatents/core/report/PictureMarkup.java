package io.unifiedlatents.core.report;

import io.unifiedlatents.core.data.ImageCodec;
import io.unifiedlatents.core.data.Rgb;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/** Sections of pictures: PNGs within the page, small ones enlarged by whole factors, clips as rows of their frames. */
final class PictureMarkup {
    /** Pixels of all pictures of a page: some 25 MB of PNG where they are photographs. */
    private static final long MOST_PIXELS = 8L << 20;

    private static final int ENLARGED_TO = 128;
    private static final int WIDEST = 944;
    private static final int MOST_FRAMES = 8;

    private final PictureSection section;
    private final int frames;
    private final int most;

    /** A section that shares the page with others, of which there are {@code sections} in all. */
    PictureMarkup(PictureSection section, int sections) {
        this.section = section;
        frames = Math.min(section.shape().frames(), MOST_FRAMES);
        boolean pairs = section.shown().stream().anyMatch(each -> each.original() != null);
        long each = (pairs ? 2L : 1L)
                * frames
                * section.shape().width()
                * section.shape().height();
        most = (int) Math.max(1, Math.min(section.shown().size(), MOST_PIXELS / sections / each));
    }

    String html() {
        StringBuilder html = new StringBuilder("<section>\n<h2>" + Html.escape(section.title()) + "</h2>\n");
        String note = note();
        html.append(note.isEmpty() ? "" : "<p class=\"note\">" + note + "</p>\n");
        html.append("<div class=\"pictures\">\n");
        section.shown().stream().limit(most).forEach(shown -> html.append(figure(shown)));
        return html.append("</div>\n</section>\n").toString();
    }

    private String note() {
        StringBuilder note = new StringBuilder();
        List<Shown> shown = section.shown();
        if (shown.stream().anyMatch(each -> each.original() != null)) {
            note.append(
                    section.shape().frames() == 1
                            ? "Original left, reconstruction right. "
                            : "Original above, reconstruction below. ");
        }
        if (frames < section.shape().frames()) {
            note.append("%d of %d frames of each, evenly spaced. "
                    .formatted(frames, section.shape().frames()));
        }
        if (most < shown.size()) {
            note.append("The first %d of %d: a page holds so many pixels.".formatted(most, shown.size()));
        }
        return note.toString().strip();
    }

    private String figure(Shown shown) {
        StringBuilder html =
                new StringBuilder("<figure>\n<div" + (section.shape().frames() > 1 ? " class=\"strips\"" : "") + ">");
        String decibels = Double.isNaN(shown.psnr()) ? "" : FigureText.number(shown.psnr(), 2) + " dB";
        if (shown.original() != null) {
            html.append(img(shown.original(), "original of " + shown.id()));
        }
        String alt = shown.original() == null ? "sample " + shown.id() : "reconstruction of " + shown.id();
        html.append(img(shown.picture(), alt));
        html.append("</div>\n<figcaption>");
        html.append(decibels.isEmpty() ? "" : "<b>" + decibels + "</b> ");
        String id = Html.escape(shown.id());
        return html.append("<code title=\"" + id + "\">" + id + "</code></figcaption>\n</figure>\n")
                .toString();
    }

    private String img(byte[] picture, String alt) {
        Rgb strip = strip(picture);
        int largest = Math.max(section.shape().width(), section.shape().height());
        int factor = Math.max(1, Math.min(ENLARGED_TO / largest, WIDEST / strip.width()));
        return String.format(
                Locale.ROOT,
                "<img src=\"data:image/png;base64,%s\" width=\"%d\" height=\"%d\" alt=\"%s\"%s>",
                Base64.getEncoder().encodeToString(ImageCodec.encodePng(strip)),
                factor * strip.width(),
                factor * strip.height(),
                Html.escape(alt),
                factor > 1 ? " class=\"enlarged\"" : "");
    }

    /** Frames side by side, evenly chosen, first and last among them. */
    private Rgb strip(byte[] picture) {
        int width = section.shape().width();
        int height = section.shape().height();
        byte[] pixels = new byte[3 * frames * width * height];
        for (int i = 0; i < frames; i++) {
            int frame = frames == 1 ? 0 : i * (section.shape().frames() - 1) / (frames - 1);
            for (int y = 0; y < height; y++) {
                System.arraycopy(
                        picture, 3 * (frame * height + y) * width, pixels, 3 * (y * frames + i) * width, 3 * width);
            }
        }
        return new Rgb(frames * width, height, pixels);
    }
}
