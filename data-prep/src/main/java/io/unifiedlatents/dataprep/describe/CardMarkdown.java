package io.unifiedlatents.dataprep.describe;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A card as Markdown, for places that show it as a page of text. */
final class CardMarkdown {
    private static final int MOST_CLASSES = 100;

    private final StringBuilder text = new StringBuilder();

    private CardMarkdown() {}

    /** The content of {@code _card.md}. */
    static String of(Card card) {
        return new CardMarkdown().write(card);
    }

    private String write(Card card) {
        line("# " + plain(card.name()));
        line("");
        line(plain(card.summary()));
        line("");
        row("", "");
        row("---", "---");
        row("transform", plain(card.transform()));
        row("encoding", card.encoding().text());
        row("shards", "format version " + card.formatVersion() + ", seed " + card.seed());
        row("settings", "`" + card.configHash() + "`");
        line("");
        splits(card);
        pixels(card);
        classes(card);
        bins("Stored bytes of a row", card.storedBytes(), false);
        inputs(card.inputs());
        return text.toString();
    }

    private void splits(Card card) {
        row("split", "rows", "shards", "size", "data set hash");
        row("---", "--:", "--:", "--:", "---");
        for (Card.Split split : card.splits()) {
            row(
                    plain(split.name()),
                    Figures.count(split.rows()),
                    Figures.count(split.shards()),
                    Figures.bytes(split.bytes()),
                    "`" + split.datasetHash() + "`");
        }
        line("");
    }

    private void pixels(Card card) {
        line("## Pixels, 0 to 1");
        line("");
        row("split", "mean of red, green, blue", "standard deviation");
        row("---", "---", "---");
        for (Card.Split split : card.splits()) {
            row(
                    plain(split.name()),
                    three(split.pixels().mean()),
                    three(split.pixels().deviation()));
        }
        row("all", three(card.pixels().mean()), three(card.pixels().deviation()));
        line("");
    }

    private void classes(Card card) {
        line("## Classes");
        line("");
        String[] heads = new String[2 + card.splits().size()];
        String[] rules = heads.clone();
        heads[0] = "label";
        rules[0] = "--:";
        heads[1] = "class";
        rules[1] = "---";
        for (int i = 0; i < card.splits().size(); i++) {
            heads[2 + i] = plain(card.splits().get(i).name());
            rules[2 + i] = "--:";
        }
        row(heads);
        row(rules);
        int shown = Math.min(MOST_CLASSES, card.classes().size());
        for (int label = 0; label < shown; label++) {
            String[] cells = new String[heads.length];
            cells[0] = Integer.toString(label);
            cells[1] = plain(card.classes().get(label));
            for (int i = 0; i < card.splits().size(); i++) {
                cells[2 + i] = Figures.count(card.splits().get(i).rowsOfClass().get(label));
            }
            row(cells);
        }
        line("");
        if (shown < card.classes().size()) {
            line("The other %s classes are in `%s.json`."
                    .formatted(Figures.count(card.classes().size() - shown), Card.NAME));
            line("");
        }
    }

    private void bins(String title, List<Card.Bin> bins, boolean pixels) {
        if (bins.isEmpty()) {
            return;
        }
        line("## " + title);
        line("");
        row("from – to", "count");
        row("--:", "--:");
        for (Card.Bin bin : bins) {
            row(pixels ? Figures.pixels(bin) : Figures.bytes(bin), Figures.count(bin.count()));
        }
        line("");
    }

    private void inputs(Card.@Nullable Inputs inputs) {
        if (inputs == null) {
            return;
        }
        line("## Inputs");
        line("");
        row("outcome", "reason", "inputs");
        row("---", "---", "--:");
        for (Card.Outcome outcome : inputs.outcomes()) {
            row(plain(outcome.outcome()), plain(outcome.reason()), Figures.count(outcome.count()));
        }
        line("");
        bins("Shorter side of the sources, pixels", inputs.shorterSides(), true);
    }

    private static String three(double[] values) {
        return Figures.share(values[0]) + ", " + Figures.share(values[1]) + ", " + Figures.share(values[2]);
    }

    private void row(String... cells) {
        line("| " + String.join(" | ", cells) + " |");
    }

    private void line(String line) {
        text.append(line).append('\n');
    }

    /** Text from the data, which may not become markup. */
    static String plain(String text) {
        return text.replaceAll("\\s+", " ")
                .replaceAll("([\\\\`*_\\[\\]|#~])", "\\\\$1")
                .replace("&", "&amp;")
                .replace("<", "&lt;");
    }
}
