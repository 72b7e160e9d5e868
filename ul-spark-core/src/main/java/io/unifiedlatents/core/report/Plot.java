package io.unifiedlatents.core.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Labelled points with error bars over two linear axes, as SVG for a page of {@link Html}. */
final class Plot {
    private static final int WIDTH = 480;
    private static final int HEIGHT = 340;
    private static final int LEFT = 74;
    private static final int RIGHT = 16;
    private static final int TOP = 14;
    private static final int BOTTOM = 60;
    private static final int TICKS = 5;
    private static final double MARGIN = 0.08;

    /** Estimated width of a character, and the height of a line. */
    private static final double CHARACTER = 8.4;

    private static final double LINE = 19;
    private static final int LONGEST_LABEL = 24;
    private static final double TO_LABEL = 9;

    private final Axis x;
    private final Axis y;
    private final StringBuilder svg = new StringBuilder();

    /** A point; a spread is drawn as a bar through it. */
    record Point(
            String label,
            double x,
            @Nullable Interval xSpread,
            double y,
            @Nullable Interval ySpread) {}

    /** The map from values to pixels. */
    private record Axis(double low, double high, double from, double to) {
        static Axis over(Stream<Interval> spreads, double from, double to) {
            double low = Double.POSITIVE_INFINITY;
            double high = Double.NEGATIVE_INFINITY;
            for (Interval spread : spreads.toList()) {
                low = Math.min(low, spread.low());
                high = Math.max(high, spread.high());
            }
            double margin = high > low ? MARGIN * (high - low) : Math.max(MARGIN * Math.abs(high), MARGIN);
            return new Axis(low - margin, high + margin, from, to);
        }

        double pixel(double value) {
            return from + (value - low) / (high - low) * (to - from);
        }

        /** Distance of the ticks: 1, 2 or 5 times a power of ten. */
        double step() {
            double rough = (high - low) / TICKS;
            double power = Math.pow(10, Math.floor(Math.log10(rough)));
            double times = rough / power;
            return power * (times > 5 ? 10 : times > 2 ? 5 : times > 1 ? 2 : 1);
        }
    }

    /** The position of a label. */
    private record Box(double left, double right, double baseline) {
        boolean hides(Box other) {
            return left < other.right && other.left < right && Math.abs(baseline - other.baseline) < LINE;
        }
    }

    private Plot(Axis x, Axis y) {
        this.x = x;
        this.y = y;
    }

    /** Draws at least one point; all values are finite. */
    static String svg(String xTitle, String yTitle, List<Point> points) {
        Axis x = Axis.over(points.stream().map(point -> spread(point.x(), point.xSpread())), LEFT, WIDTH - RIGHT);
        Axis y = Axis.over(points.stream().map(point -> spread(point.y(), point.ySpread())), HEIGHT - BOTTOM, TOP);
        return new Plot(x, y).draw(xTitle, yTitle, points);
    }

    private static Interval spread(double value, @Nullable Interval spread) {
        return spread == null
                ? new Interval(value, value)
                : new Interval(Math.min(value, spread.low()), Math.max(value, spread.high()));
    }

    private String draw(String xTitle, String yTitle, List<Point> points) {
        add("<svg class=\"plot\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">"
                .formatted(WIDTH, HEIGHT, Html.escape(yTitle + " against " + xTitle)));
        axes(xTitle, yTitle);
        points.forEach(this::point);
        labels(points);
        return svg.append("</svg>").toString();
    }

    private void axes(String xTitle, String yTitle) {
        double step = x.step();
        for (double tick = Math.ceil(x.low() / step) * step; tick <= x.high(); tick += step) {
            line("grid", x.pixel(tick), y.from(), x.pixel(tick), y.to());
            text("middle", x.pixel(tick), y.from() + LINE + 1, tick(tick, step), "");
        }
        step = y.step();
        for (double tick = Math.ceil(y.low() / step) * step; tick <= y.high(); tick += step) {
            line("grid", x.from(), y.pixel(tick), x.to(), y.pixel(tick));
            text("end", x.from() - 8, y.pixel(tick) + 5, tick(tick, step), "");
        }
        line("axis", x.from(), y.from(), x.to(), y.from());
        line("axis", x.from(), y.from(), x.from(), y.to());
        text("middle", (x.from() + x.to()) / 2, HEIGHT - 8, xTitle, "");
        double middle = (y.from() + y.to()) / 2;
        text("middle", 14, middle, yTitle, " transform=\"rotate(-90 14 " + coordinate(middle) + ")\"");
    }

    private static String tick(double value, double step) {
        int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9)); // 0.1 is a little more than a tenth
        double rounded = Math.abs(value) < step / 2 ? 0 : value; // no "-0"
        return String.format(Locale.ROOT, "%,." + decimals + "f", rounded);
    }

    private void point(Point point) {
        double left = x.pixel(point.x());
        double top = y.pixel(point.y());
        if (point.xSpread() != null) {
            line(
                    "error",
                    x.pixel(point.xSpread().low()),
                    top,
                    x.pixel(point.xSpread().high()),
                    top);
        }
        if (point.ySpread() != null) {
            line(
                    "error",
                    left,
                    y.pixel(point.ySpread().low()),
                    left,
                    y.pixel(point.ySpread().high()));
        }
        add("<circle cx=\"%s\" cy=\"%s\" r=\"4.5\"><title>%s</title></circle>"
                .formatted(coordinate(left), coordinate(top), Html.escape(point.label())));
    }

    /** Beside the points, from the top down, each below those it would hide. */
    private void labels(List<Point> points) {
        List<Box> placed = new ArrayList<>();
        List<Point> downwards = points.stream()
                .sorted(Comparator.comparingDouble((Point point) -> y.pixel(point.y())))
                .toList();
        for (Point point : downwards) {
            String label = point.label().length() <= LONGEST_LABEL
                    ? point.label()
                    : point.label().substring(0, LONGEST_LABEL - 1) + "…";
            double at = x.pixel(point.x());
            double width = CHARACTER * label.length();
            boolean rightwards = at + TO_LABEL + width <= WIDTH;
            double left = rightwards ? at + TO_LABEL : at - TO_LABEL - width;
            Box box = new Box(left, left + width, y.pixel(point.y()) - 6);
            while (placed.stream().anyMatch(box::hides)) {
                box = new Box(box.left(), box.right(), box.baseline() + 1);
            }
            placed.add(box);
            text(
                    rightwards ? "start" : "end",
                    rightwards ? box.left() : box.right(),
                    box.baseline(),
                    label,
                    " class=\"label\"");
        }
    }

    private void line(String kind, double x1, double y1, double x2, double y2) {
        add("<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>"
                .formatted(kind, coordinate(x1), coordinate(y1), coordinate(x2), coordinate(y2)));
    }

    private void text(String anchor, double left, double baseline, String text, String more) {
        add("<text text-anchor=\"%s\" x=\"%s\" y=\"%s\"%s>%s</text>"
                .formatted(anchor, coordinate(left), coordinate(baseline), more, Html.escape(text)));
    }

    private static String coordinate(double pixels) {
        return String.format(Locale.ROOT, "%.1f", pixels);
    }

    private void add(String markup) {
        svg.append(markup).append('\n');
    }
}
