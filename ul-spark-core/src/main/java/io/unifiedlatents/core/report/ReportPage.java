package io.unifiedlatents.core.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reports as pages that need nothing else: figures, warnings, pictures, cards. */
public final class ReportPage {
    private static final int FIGURES_IN_SUMMARY = 4;

    /** Names of distances between Gaussians of features; those of two halves of the reference are none of a report. */
    private static final Pattern FRECHET = Pattern.compile("[rg]?(FID|FVD|frechet).*", Pattern.CASE_INSENSITIVE);

    private static final String BITS = "bitsPerPixel";
    private static final String PSNR = "psnr";

    private final StringBuilder page = new StringBuilder();

    private ReportPage() {}

    /**
     * The page of one report.
     *
     * @param pictures in this order; the pixels of a page are limited to 8 Mi, shared evenly by the sections, of each
     *     of which the first pictures are shown
     */
    public static String of(EvaluationReport report, List<PictureSection> pictures) {
        return new ReportPage().one(report, pictures);
    }

    /** The page of several reports: figures beside each other, rate against distortion, cards with what differs. */
    public static String of(Comparison comparison) {
        return new ReportPage().several(comparison);
    }

    private String one(EvaluationReport report, List<PictureSection> pictures) {
        String summary = report.figures().stream()
                .limit(FIGURES_IN_SUMMARY)
                .map(figure -> figure.name() + " " + FigureText.number(figure.value(), FigureText.decimals(figure))
                        + (figure.unit() == null ? "" : " " + figure.unit()))
                .collect(Collectors.joining(" · "));
        header(report.name(), summary);
        figures(report.figures());
        warnings(report.warnings());
        List<PictureSection> filled =
                pictures.stream().filter(section -> !section.shown().isEmpty()).toList();
        filled.forEach(section -> page.append(new PictureMarkup(section, filled.size()).html()));
        facts("Judged", report.card().judged());
        facts("Measured", report.card().measured());
        return page.append(Html.END).toString();
    }

    private void header(String title, String summary) {
        page.append(Html.begin(title));
        add("<header>\n<h1>" + Html.escape(title) + "</h1>");
        add("<p class=\"summary\">" + Html.escape(summary) + "</p>\n</header>");
    }

    private void figures(List<Figure> figures) {
        boolean notes = figures.stream().anyMatch(figure -> figure.note() != null);
        add("<section>\n<h2>Figures</h2>\n<div class=\"wide\"><table>");
        add("<tr><th>figure<th class=\"n\">value<th>standard error<th>95% interval<th>better"
                + (notes ? "<th>note" : ""));
        for (Figure figure : figures) {
            String text = figure.note() == null ? "" : figure.note();
            String note = notes ? "<td class=\"text\">" + Html.escape(text) : "";
            int decimals = FigureText.decimals(figure);
            Double error = figure.standardError();
            add("<tr><td>" + Html.escape(FigureText.title(figure)) + "<td class=\"n\"><b>"
                    + FigureText.number(figure.value(), decimals) + "</b><td>"
                    + (error == null ? "" : "± " + FigureText.number(error, decimals)) + "<td>"
                    + (figure.interval95() == null ? "" : FigureText.interval(figure.interval95(), decimals)) + "<td>"
                    + direction(figure)
                    + note);
        }
        add("</table></div>\n</section>");
    }

    private static String direction(Figure figure) {
        Better better = figure.better();
        return better == null
                ? ""
                : FigureText.arrow(better) + " " + better.name().toLowerCase(Locale.ROOT);
    }

    private void warnings(List<String> warnings) {
        if (!warnings.isEmpty()) {
            add("<section class=\"warning\">\n<h2>Warnings</h2>\n<ul>");
            warnings.forEach(warning -> add("<li>" + Html.escape(warning)));
            add("</ul>\n</section>");
        }
    }

    private void facts(String title, Map<String, Object> facts) {
        if (!facts.isEmpty()) {
            add("<section>\n<h2>" + title + "</h2>\n<dl>");
            facts.forEach((key, value) ->
                    add("<dt>" + Html.escape(key) + "<dd><code>" + Html.escape(String.valueOf(value)) + "</code>"));
            add("</dl>\n</section>");
        }
    }

    private String several(Comparison comparison) {
        List<Comparison.Entry> entries = comparison.entries();
        header(
                "%d reports compared".formatted(entries.size()),
                entries.stream().map(Comparison.Entry::label).collect(Collectors.joining(" · ")));
        if (!comparison.measuredDifferently().isEmpty()) {
            add("<section class=\"warning\">\n<h2>Not measured alike</h2>\n<p>The figures do not compare: see what is"
                    + " marked under <i>measured</i>.</p>\n</section>");
        }
        rows(comparison);
        warnings(comparison.warnings());
        plots(comparison);
        cards("Judged", comparison, comparison.cards(EvaluationCard::judged), comparison.judgedDifferently());
        cards("Measured", comparison, comparison.cards(EvaluationCard::measured), comparison.measuredDifferently());
        return page.append(Html.END).toString();
    }

    private void columns(Comparison comparison, String first, String kind) {
        StringBuilder row = new StringBuilder("<tr><th>" + first);
        comparison.entries().forEach(entry -> row.append("<th" + kind + ">").append(Html.escape(entry.label())));
        add(row.toString());
    }

    private void rows(Comparison comparison) {
        List<ComparedFigure> rows = ComparedFigure.of(comparison);
        add("<section>\n<h2>Figures</h2>");
        if (rows.stream().anyMatch(row -> row.best() >= 0)) {
            add(
                    "<p class=\"note\">Bold: the 95% interval of the best overlaps no other's (intervals as measured, or 1.96"
                            + " standard errors to each side).</p>");
        }
        add("<div class=\"wide\"><table class=\"compared\">");
        columns(comparison, "figure", " class=\"n\"");
        for (ComparedFigure row : rows) {
            StringBuilder cells = new StringBuilder("<tr><td>" + Html.escape(FigureText.title(row.shared())) + " "
                    + FigureText.arrow(row.shared().better()).strip());
            for (int i = 0; i < row.cells().size(); i++) {
                String cell =
                        Html.escape(row.cells().get(i)).replace("± ", "±&nbsp;").replace(", ", ",&nbsp;");
                cells.append("<td class=\"n\">").append(i == row.best() ? "<b>" + cell + "</b>" : cell);
            }
            add(cells.toString());
        }
        add("</table></div>\n</section>");
    }

    private void plots(Comparison comparison) {
        List<String> plots = new ArrayList<>();
        plot(comparison, PSNR, plots);
        ComparedFigure.of(comparison).stream()
                .map(row -> row.shared().name())
                .filter(name -> FRECHET.matcher(name).matches())
                .findFirst()
                .ifPresent(name -> plot(comparison, name, plots));
        if (!plots.isEmpty()) {
            add(
                    "<section>\n<h2>Rate and distortion</h2>\n<p class=\"note\">Bars: 95% intervals.</p>\n<div class=\"plots\">");
            plots.forEach(this::add);
            add("</div>\n</section>");
        }
    }

    /** Adds bits per pixel against a figure, where two reports or more have finite values of both. */
    private static void plot(Comparison comparison, String name, List<String> plots) {
        List<Plot.Point> points = new ArrayList<>();
        String title = name;
        for (Comparison.Entry entry : comparison.entries()) {
            Figure rate = entry.report().figure(BITS);
            Figure figure = entry.report().figure(name);
            if (rate != null && figure != null && Double.isFinite(rate.value()) && Double.isFinite(figure.value())) {
                if (points.isEmpty()) {
                    title = (FigureText.title(figure) + " " + FigureText.arrow(figure.better())).strip();
                }
                points.add(new Plot.Point(entry.label(), rate.value(), rate.spread(), figure.value(), figure.spread()));
            }
        }
        if (points.size() > 1) {
            plots.add(Plot.svg("bits per pixel ↓", title, points));
        }
    }

    private void cards(String title, Comparison comparison, List<Map<String, Object>> cards, List<Difference> unlike) {
        Set<String> marked = unlike.stream().map(Difference::key).collect(Collectors.toSet());
        String note = marked.isEmpty() ? "The same in all." : "≠ marks what is not the same in all.";
        add("<section>\n<h2>" + title + "</h2>\n<p class=\"note\">" + note + "</p>");
        add("<div class=\"wide\"><table class=\"cards " + title.toLowerCase(Locale.ROOT) + "\">");
        columns(comparison, "", "");
        for (String key : Difference.keys(cards)) {
            StringBuilder row = new StringBuilder(marked.contains(key) ? "<tr class=\"unlike\">" : "<tr>");
            row.append("<td>").append(Html.escape(key));
            Difference.values(cards, key)
                    .forEach(value -> row.append("<td title=\"" + Html.escape(value) + "\"><code>")
                            .append(Html.escape(ComparisonTable.brief(value)))
                            .append("</code>"));
            add(row.toString());
        }
        add("</table></div>\n</section>");
    }

    private void add(String markup) {
        page.append(markup).append('\n');
    }
}
