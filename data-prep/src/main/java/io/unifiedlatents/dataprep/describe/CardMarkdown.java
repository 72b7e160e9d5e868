package io.unifiedlatents.dataprep.describe;

import io.unifiedlatents.dataprep.describe.CardTable.Column.Kind;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A card as Markdown, for places that show it as a page of text. */
final class CardMarkdown {
    private static final int MOST_ROWS = 100;

    private CardMarkdown() {}

    /** Returns the content of {@code _card.md}. */
    static String of(Card card) {
        StringBuilder text = new StringBuilder("# " + plain(card.name()) + "\n\n" + plain(card.summary()) + "\n");
        for (CardTable table : CardTable.of(card)) {
            text.append("\n## " + table.title() + "\n\n");
            text.append(table.note().isEmpty() ? "" : table.note() + "\n\n");
            List<CardTable.Column> columns = table.columns();
            text.append(row(
                    table, columns.stream().map(column -> plain(column.name())).toList()));
            text.append(row(
                    table,
                    columns.stream()
                            .map(column -> column.kind() == Kind.NUMBER ? "--:" : "---")
                            .toList()));
            table.rows().stream()
                    .limit(MOST_ROWS)
                    .map(cells -> IntStream.range(0, cells.size())
                            .mapToObj(i -> columns.get(i).kind() == Kind.CODE
                                    ? "`" + cells.get(i).replaceAll("[`|\\s]+", " ") + "`"
                                    : plain(cells.get(i)))
                            .toList())
                    .forEach(cells -> text.append(row(table, cells)));
            int more = table.rows().size() - MOST_ROWS;
            text.append(
                    more > 0
                            ? "\nThe other %s rows are in `%s.json`.\n".formatted(Figures.count(more), Card.NAME)
                            : "");
        }
        return text.toString();
    }

    private static String row(CardTable table, List<String> cells) {
        return IntStream.range(0, cells.size())
                .filter(i -> table.columns().get(i).kind() != Kind.BAR)
                .mapToObj(cells::get)
                .collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    /** Escapes text from the data, which may not become markup. */
    static String plain(String text) {
        return text.replaceAll("\\s+", " ")
                .replaceAll("([\\\\`*_\\[\\]|#~])", "\\\\$1")
                .replace("&", "&amp;")
                .replace("<", "&lt;");
    }
}
