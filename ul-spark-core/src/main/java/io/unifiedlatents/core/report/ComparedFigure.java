package io.unifiedlatents.core.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One figure in all reports of a comparison.
 *
 * @param shared the figure in the first report that has it: name, unit, direction
 * @param cells value and error as text, one for each report
 * @param best index of the report that is better than all others beyond the errors; -1 where none is, or where they
 *     were not measured alike
 */
record ComparedFigure(Figure shared, List<String> cells, int best) {
    /** Figures of all reports, in the order in which they first appear. */
    static List<ComparedFigure> of(Comparison comparison) {
        Set<String> names = new LinkedHashSet<>();
        comparison.entries().forEach(entry -> entry.report().figures().forEach(figure -> names.add(figure.name())));
        return names.stream().map(name -> of(comparison, name)).toList();
    }

    private static ComparedFigure of(Comparison comparison, String name) {
        List<@Nullable Figure> figures = new ArrayList<>();
        comparison.entries().forEach(entry -> figures.add(entry.report().figure(name)));
        List<Figure> measured = figures.stream().filter(Objects::nonNull).toList();
        int decimals = measured.stream().mapToInt(FigureText::decimals).max().orElse(0);
        List<String> cells = figures.stream()
                .map(figure -> FigureText.withError(figure, decimals))
                .toList();
        Figure best = best(measured);
        return new ComparedFigure(
                measured.get(0), cells, best == null || !comparison.alike() ? -1 : figures.indexOf(best));
    }

    /** The one whose 95% interval lies on the better side of all others'; null where errors do not tell. */
    private static @Nullable Figure best(List<Figure> figures) {
        Better better = figures.get(0).better();
        List<Interval> spreads = new ArrayList<>();
        for (Figure figure : figures) {
            Interval spread = figure.spread();
            if (spread == null || better == null || figure.better() != better) {
                return null;
            }
            spreads.add(spread);
        }
        int best = 0;
        for (int i = 1; i < figures.size(); i++) {
            double gain = figures.get(i).value() - figures.get(best).value();
            best = (better == Better.HIGHER ? gain > 0 : gain < 0) ? i : best;
        }
        for (int i = 0; i < figures.size(); i++) {
            if (i != best && spreads.get(i).overlaps(spreads.get(best))) {
                return null;
            }
        }
        return figures.size() > 1 ? figures.get(best) : null;
    }
}
