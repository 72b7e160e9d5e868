package io.unifiedlatents.dataprep.describe;

import io.unifiedlatents.core.report.Html;
import io.unifiedlatents.dataprep.describe.CardTable.Column.Kind;
import io.unifiedlatents.dataprep.describe.SplitTally.Sample;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A card as one page that loads nothing: no script, pictures inside, for light and dark screens. */
final class CardHtml {
    private static final int ROWS_UNFOLDED = 60;
    private static final int ENLARGED_TO = 96;

    private CardHtml() {}

    /** Returns the content of {@code _card.html}. */
    static String of(Card card, List<Sample> samples) {
        StringBuilder page = new StringBuilder(Html.begin(card.name()));
        page.append("<header>\n<h1>" + Html.escape(card.name()) + "</h1>\n");
        page.append("<p class=\"summary\">" + Html.escape(card.summary()) + "</p>\n</header>\n");
        page.append(contactSheet(card, samples));
        CardTable.of(card).forEach(table -> page.append(section(table)));
        return page.append(Html.END).toString();
    }

    private static String contactSheet(Card card, List<Sample> samples) {
        if (samples.isEmpty()) {
            return "";
        }
        StringBuilder html = new StringBuilder("<section class=\"sheet\">\n<h2>Contact sheet</h2>\n");
        html.append("<p class=\"note\">Drawn by the hashes of their ids, the same each time.</p>\n");
        TreeMap<Integer, List<Sample>> byLabel =
                samples.stream().collect(Collectors.groupingBy(Sample::label, TreeMap::new, Collectors.toList()));
        byLabel.forEach((label, shown) -> {
            String className = card.classes().get(label);
            html.append("<figure>\n<figcaption>" + Html.escape(className) + "</figcaption>\n<div>\n");
            shown.forEach(sample -> html.append(picture(sample, className, card.clips())));
            html.append("</div>\n</figure>\n");
        });
        return html.append("</section>\n").toString();
    }

    private static String picture(Sample sample, String className, boolean clips) {
        Thumbnail picture = sample.picture();
        int factor = clips ? 1 : Math.max(1, ENLARGED_TO / Math.max(picture.width(), picture.height()));
        String caption = sample.caption();
        String title = sample.source() + " (" + sample.split() + ")" + (caption == null ? "" : "\n" + caption);
        return "<img src=\"%s\" width=\"%d\" height=\"%d\" alt=\"%s\" title=\"%s\"%s>\n"
                .formatted(
                        picture.dataUri(),
                        factor * picture.width(),
                        factor * picture.height(),
                        Html.escape(caption == null ? className : caption),
                        Html.escape(title),
                        factor > 1 ? " class=\"enlarged\"" : "");
    }

    private static String section(CardTable table) {
        StringBuilder html = new StringBuilder("<section>\n<h2>" + table.title() + "</h2>\n");
        html.append(table.note().isEmpty() ? "" : "<p class=\"note\">" + table.note() + "</p>\n");
        boolean folded = table.rows().size() > ROWS_UNFOLDED;
        html.append(folded ? "<details><summary>" + Figures.count(table.rows().size()) + " rows</summary>\n" : "");
        boolean bars = table.columns().stream().anyMatch(column -> column.kind() == Kind.BAR);
        html.append("<div class=\"wide\"><table" + (bars ? " class=\"bars\"" : "") + ">\n<tr>");
        for (CardTable.Column column : table.columns()) {
            html.append("<th" + cssClass(column.kind()) + ">" + Html.escape(column.name()));
        }
        for (List<String> row : table.rows()) {
            html.append("\n<tr>");
            for (int i = 0; i < row.size(); i++) {
                Kind kind = table.columns().get(i).kind();
                html.append("<td" + cssClass(kind) + ">" + cell(kind, Html.escape(row.get(i))));
            }
        }
        return html.append("\n</table></div>" + (folded ? "</details>" : "") + "\n</section>\n")
                .toString();
    }

    private static String cssClass(Kind kind) {
        return switch (kind) {
            case NUMBER -> " class=\"n\"";
            case BAR -> " class=\"bar\"";
            case TEXT, CODE -> "";
        };
    }

    private static String cell(Kind kind, String text) {
        return switch (kind) {
            case TEXT, NUMBER -> text;
            case CODE -> "<code>" + text + "</code>";
            case BAR -> "<i style=\"width:" + text + "%\"></i>";
        };
    }
}
