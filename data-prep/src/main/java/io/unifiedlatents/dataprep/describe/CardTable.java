package io.unifiedlatents.dataprep.describe;

import io.unifiedlatents.dataprep.describe.CardTable.Column.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A table of a card. The page and the Markdown text are written from the same tables.
 *
 * @param note one sentence about the figures; empty for none
 * @param rows cells as plain text, one for each column
 */
record CardTable(String title, String note, List<Column> columns, List<List<String>> rows) {
    private static final double PERCENT = 100;

    /** A column, with its heading and the kind of its cells. */
    record Column(String name, Kind kind) {
        enum Kind {
            TEXT,
            CODE,
            NUMBER,
            /** Length of a bar in percent. Only the page shows it. */
            BAR
        }
    }

    /** The tables of a card, in the order of its page; tables without rows are left out. */
    static List<CardTable> of(Card card) {
        List<CardTable> tables = new ArrayList<>(List.of(splits(card), classes(card), pixels(card)));
        String row = card.clips() ? "clip" : "picture";
        tables.add(
                histogram("Stored bytes", "Size of a row's " + row + ".", "rows", card.storedBytes(), Figures::bytes));
        Card.Inputs inputs = card.inputs();
        if (inputs != null) {
            String note = "Shorter side in pixels, of the inputs kept" + commonSizes(inputs) + ".";
            tables.add(histogram("Source sizes", note, "inputs", inputs.shorterSides(), Figures::pixels));
            List<List<String>> outcomes = inputs.outcomes().stream()
                    .map(each -> List.of(
                            each.outcome(),
                            each.reason(),
                            Figures.count(each.count()),
                            bar(each.count(), inputs.count())))
                    .toList();
            tables.add(new CardTable("Inputs", "", columns("outcome", "reason", "#inputs", "|"), outcomes));
        }
        tables.add(new CardTable(
                "Preparation",
                "",
                columns("setting", "`value"),
                List.of(
                        List.of("transform", card.transform()),
                        List.of("encoding", card.encoding().text()),
                        List.of("seed", Long.toString(card.seed())),
                        List.of("shard format", "version " + card.formatVersion()),
                        List.of("settings hash", card.configHash()))));
        tables.removeIf(table -> table.rows.isEmpty());
        return tables;
    }

    private static CardTable splits(Card card) {
        List<List<String>> rows = card.splits().stream()
                .map(split -> List.of(
                        split.name(),
                        Figures.count(split.rows()),
                        Figures.count(split.shards()),
                        Figures.bytes(split.bytes()),
                        split.datasetHash()))
                .toList();
        return new CardTable("Splits", "", columns("split", "#rows", "#shards", "#size", "`data set hash"), rows);
    }

    private static CardTable classes(Card card) {
        List<Column> columns = new ArrayList<>(columns("#label", "class"));
        card.splits().forEach(split -> columns.add(new Column(split.name(), Kind.NUMBER)));
        columns.add(new Column("", Kind.BAR));
        long[] counts = IntStream.range(0, card.classes().size())
                .mapToLong(label -> card.splits().stream()
                        .mapToLong(split -> split.rowsOfClass().get(label))
                        .sum())
                .toArray();
        long most = Math.max(
                1,
                IntStream.range(0, counts.length)
                        .mapToLong(i -> counts[i])
                        .max()
                        .orElse(1));
        List<List<String>> rows = new ArrayList<>();
        for (int label = 0; label < counts.length; label++) {
            List<String> row = new ArrayList<>(
                    List.of(Integer.toString(label), card.classes().get(label)));
            for (Card.Split split : card.splits()) {
                row.add(Figures.count(split.rowsOfClass().get(label)));
            }
            row.add(bar(counts[label], most));
            rows.add(row);
        }
        return new CardTable("Classes", "", columns, rows);
    }

    private static CardTable pixels(Card card) {
        List<List<String>> rows = new ArrayList<>();
        card.splits().forEach(split -> rows.add(pixels(split.name(), split.pixels())));
        if (rows.size() > 1) {
            rows.add(pixels("all", card.pixels()));
        }
        String note = "Mean ± standard deviation over every pixel, black being 0 and white 1.";
        return new CardTable("Pixels", note, columns("split", "#red", "#green", "#blue", "#pixels"), rows);
    }

    private static List<String> pixels(String name, Card.Pixels pixels) {
        List<String> row = new ArrayList<>(List.of(name));
        for (int channel = 0; channel < PixelSums.CHANNELS; channel++) {
            row.add(Figures.share(pixels.mean()[channel]) + " ± " + Figures.share(pixels.deviation()[channel]));
        }
        row.add(Figures.count(pixels.count()));
        return row;
    }

    private static CardTable histogram(
            String title, String note, String counted, List<Card.Bin> bins, Function<Card.Bin, String> range) {
        long most = bins.stream().mapToLong(Card.Bin::count).max().orElse(1);
        List<List<String>> rows = bins.stream()
                .map(bin -> List.of(range.apply(bin), Figures.count(bin.count()), bar(bin.count(), most)))
                .toList();
        return new CardTable(title, note, columns("#from – to", "#" + counted, "|"), rows);
    }

    private static String commonSizes(Card.Inputs inputs) {
        StringBuilder text = new StringBuilder();
        for (Card.Size size : inputs.commonSizes()) {
            text.append(text.isEmpty() ? "; most frequent: " : ", ")
                    .append("%d × %d (%s)".formatted(size.width(), size.height(), Figures.count(size.count())));
        }
        return text.toString();
    }

    private static String bar(long count, long most) {
        return String.format(Locale.ROOT, "%.2f", PERCENT * count / Math.max(1, most));
    }

    /**
     * Columns by their headings: {@code #} begins one of numbers, <code>`</code> one of code, {@code |} one of bars.
     */
    private static List<Column> columns(String... headings) {
        return Stream.of(headings)
                .map(heading -> switch (heading.charAt(0)) {
                    case '#' -> new Column(heading.substring(1), Kind.NUMBER);
                    case '`' -> new Column(heading.substring(1), Kind.CODE);
                    case '|' -> new Column(heading.substring(1), Kind.BAR);
                    default -> new Column(heading, Kind.TEXT);
                })
                .toList();
    }
}
