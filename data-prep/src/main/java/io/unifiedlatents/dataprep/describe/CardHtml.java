package io.unifiedlatents.dataprep.describe;

import io.unifiedlatents.core.report.Html;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A card as one page that needs nothing else: no script, pictures inside, for light and dark screens. */
final class CardHtml {
    private static final int CLASSES_UNFOLDED = 60;
    private static final int ENLARGED_TO = 96;
    private static final double PERCENT = 100;

    private final Card card;
    private final List<Sample> samples;
    private final StringBuilder page = new StringBuilder();

    private CardHtml(Card card, List<Sample> samples) {
        this.card = card;
        this.samples = samples;
    }

    /** The content of {@code _card.html}; {@code samples} by label. */
    static String of(Card card, List<Sample> samples) {
        return new CardHtml(card, samples).write();
    }

    private String write() {
        page.append(Html.begin(card.name()));
        add("<header>\n<h1>" + Html.escape(card.name()) + "</h1>");
        add("<p class=\"summary\">" + Html.escape(card.summary()) + "</p>\n</header>");
        splits();
        sheet();
        classes();
        pixels();
        histogram("Stored bytes", "of a row's " + noun(), card.storedBytes(), Figures::bytes);
        inputs();
        made();
        return page.append(Html.END).toString();
    }

    private String noun() {
        return card.clips() ? "clip" : "picture";
    }

    private void splits() {
        add("<section>\n<h2>Splits</h2>\n<div class=\"wide\"><table>");
        add("<tr><th>split<th class=\"n\">rows<th class=\"n\">shards<th class=\"n\">size<th>data set hash");
        for (Card.Split split : card.splits()) {
            add("<tr><td>" + Html.escape(split.name()) + number(split.rows()) + number(split.shards())
                    + "<td class=\"n\">" + Figures.bytes(split.bytes()) + "<td><code>"
                    + Html.escape(split.datasetHash())
                    + "</code>");
        }
        add("</table></div>\n</section>");
    }

    private void sheet() {
        if (samples.isEmpty()) {
            return;
        }
        add("<section class=\"sheet\">\n<h2>Contact sheet</h2>");
        add("<p class=\"note\">Drawn by the hashes of their ids, the same each time.</p>");
        int label = -1;
        for (Sample sample : samples) {
            if (sample.label() != label) {
                add(label < 0 ? "" : "</div>\n</figure>");
                label = sample.label();
                add("<figure>\n<figcaption>" + Html.escape(card.classes().get(label)) + "</figcaption>\n<div>");
            }
            add(picture(sample));
        }
        add("</div>\n</figure>\n</section>");
    }

    private String picture(Sample sample) {
        Thumbnail picture = sample.picture();
        int factor = card.clips() ? 1 : Math.max(1, ENLARGED_TO / Math.max(picture.width(), picture.height()));
        String caption = sample.caption();
        String title = sample.source() + " (" + sample.split() + ")" + (caption == null ? "" : "\n" + caption);
        return "<img src=\"%s\" width=\"%d\" height=\"%d\" alt=\"%s\" title=\"%s\"%s>"
                .formatted(
                        picture.dataUri(),
                        factor * picture.width(),
                        factor * picture.height(),
                        Html.escape(caption == null ? card.classes().get(sample.label()) : caption),
                        Html.escape(title),
                        factor > 1 ? " class=\"enlarged\"" : "");
    }

    private void classes() {
        List<Card.Split> splits = card.splits();
        add("<section>\n<h2>Classes</h2>");
        add(
                card.classes().size() > CLASSES_UNFOLDED
                        ? "<details><summary>" + Figures.count(card.classes().size()) + " classes</summary>"
                        : "");
        add("<div class=\"wide\"><table class=\"bars\">\n<tr><th class=\"n\">label<th>class");
        for (Card.Split split : splits) {
            add("<th class=\"n\">" + Html.escape(split.name()));
        }
        add("<th class=\"bar\">");
        long most = 1;
        for (int label = 0; label < card.classes().size(); label++) {
            most = Math.max(most, rows(label));
        }
        for (int label = 0; label < card.classes().size(); label++) {
            add("<tr><td class=\"n\">" + label + "<td>"
                    + Html.escape(card.classes().get(label)));
            for (Card.Split split : splits) {
                add(number(split.rowsOfClass().get(label)));
            }
            add(bar(rows(label), most));
        }
        add("</table></div>" + (card.classes().size() > CLASSES_UNFOLDED ? "</details>" : "") + "\n</section>");
    }

    private long rows(int label) {
        return card.splits().stream()
                .mapToLong(split -> split.rowsOfClass().get(label))
                .sum();
    }

    private void pixels() {
        add("<section>\n<h2>Pixels</h2>\n<p class=\"note\">Mean ± standard deviation over every pixel, black being 0"
                + " and white 1.</p>\n<div class=\"wide\"><table>");
        add("<tr><th>split<th class=\"n\">red<th class=\"n\">green<th class=\"n\">blue<th class=\"n\">pixels");
        for (Card.Split split : card.splits()) {
            pixels(split.name(), split.pixels());
        }
        if (card.splits().size() > 1) {
            pixels("all", card.pixels());
        }
        add("</table></div>\n</section>");
    }

    private void pixels(String name, Card.Pixels pixels) {
        add("<tr><td>" + Html.escape(name));
        for (int channel = 0; channel < PixelSums.CHANNELS; channel++) {
            add("<td class=\"n\">" + Figures.share(pixels.mean()[channel]) + " ± "
                    + Figures.share(pixels.deviation()[channel]));
        }
        add(number(pixels.count()));
    }

    private void histogram(String title, String of, List<Card.Bin> bins, Function<Card.Bin, String> text) {
        if (bins.isEmpty()) {
            return;
        }
        add("<section>\n<h2>" + title + "</h2>\n<p class=\"note\">" + of + "</p>\n<table class=\"bars\">");
        long most = bins.stream().mapToLong(Card.Bin::count).max().orElse(1);
        for (Card.Bin bin : bins) {
            add("<tr><td class=\"n\">" + text.apply(bin) + number(bin.count()) + bar(bin.count(), most));
        }
        add("</table>\n</section>");
    }

    private void inputs() {
        Card.@Nullable Inputs inputs = card.inputs();
        if (inputs == null) {
            return;
        }
        histogram(
                "Source sizes",
                "shorter side in pixels, of the inputs kept" + common(inputs),
                inputs.shorterSides(),
                Figures::pixels);
        add("<section>\n<h2>Inputs</h2>\n<table class=\"bars\">");
        add("<tr><th>outcome<th>reason<th class=\"n\">inputs<th class=\"bar\">");
        for (Card.Outcome outcome : inputs.outcomes()) {
            add("<tr><td>" + Html.escape(outcome.outcome()) + "<td>" + Html.escape(outcome.reason())
                    + number(outcome.count()) + bar(outcome.count(), inputs.count()));
        }
        add("</table>\n</section>");
    }

    private static String common(Card.Inputs inputs) {
        StringBuilder text = new StringBuilder();
        for (Card.Size size : inputs.commonSizes()) {
            text.append(text.length() == 0 ? "; most frequent: " : ", ")
                    .append("%d × %d (%s)".formatted(size.width(), size.height(), Figures.count(size.count())));
        }
        return text.toString();
    }

    private void made() {
        add("<section>\n<h2>How it was made</h2>\n<dl>");
        fact("transform", card.transform());
        fact("encoding", card.encoding().text());
        fact("seed", Long.toString(card.seed()));
        fact("shard format", "version " + card.formatVersion());
        fact("settings hash", card.configHash());
        add("</dl>\n</section>");
    }

    private void fact(String name, String value) {
        add("<dt>" + name + "<dd><code>" + Html.escape(value) + "</code>");
    }

    private static String number(long count) {
        return "<td class=\"n\">" + Figures.count(count);
    }

    private static String bar(long count, long most) {
        return String.format(
                Locale.ROOT, "<td class=\"bar\"><i style=\"width:%.2f%%\"></i>", PERCENT * count / Math.max(1, most));
    }

    private void add(String markup) {
        page.append(markup).append('\n');
    }
}
