package io.unifiedlatents.dataprep.source;

import io.unifiedlatents.core.config.ConfigException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Labels of classes, 0 and up. Read from a text file in UTF-8 with a class in each line, in one of three forms:
 *
 * <ul>
 *   <li>{@code name,index} or {@code name index}, in any order of the lines; a header such as {@code name,index} is
 *       left out
 *   <li>{@code n01440764 tench, Tinca tinca}, as ImageNet comes: the name is the WordNet id, the label counts lines
 *   <li>{@code name}: the whole line, the label counts lines
 * </ul>
 */
public final class ClassTable {
    /** A larger number is hardly a class: a model has weights for each. */
    static final int MOST_CLASSES = 1_000_000;

    private static final Pattern INDEXED = Pattern.compile("(.+?)(?:\\s*,\\s*|\\s+)(\\d+)");
    private static final Pattern HEADER = Pattern.compile("(?i)\\w+\\s*,\\s*(index|label|id)");
    private static final Pattern SYNSET = Pattern.compile("(n\\d{8})(\\s.*)?");
    private static final Pattern DECIMAL = Pattern.compile("\\d+");

    private final List<String> names;
    private final Map<String, Integer> labels;

    private ClassTable(List<String> names, Map<String, Integer> labels) {
        this.names = List.copyOf(names);
        this.labels = labels;
    }

    /** A line and its number. */
    private record Line(int number, String text) {}

    /**
     * Reads a table.
     *
     * @param location URI or path of a file
     * @throws ConfigException where a class or an index comes twice, indices have a gap, or some lines lack them
     */
    public static ClassTable read(String location, Configuration hadoop) throws IOException {
        List<Line> lines = new ArrayList<>();
        int number = 0;
        try (BufferedReader in = TextFile.open(location, hadoop)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                number++;
                if (!line.isBlank()) {
                    lines.add(new Line(number, line.strip()));
                }
            }
        } catch (CharacterCodingException e) {
            throw error(location, number + 1, "it, or a line soon after it, is not UTF-8");
        }
        if (lines.size() > 1 && HEADER.matcher(lines.get(0).text()).matches()) {
            lines.remove(0);
        }
        if (lines.isEmpty()) {
            throw new ConfigException(location + " is empty; write a class in each line");
        }
        boolean synsets = true;
        int indexed = 0;
        for (Line line : lines) {
            synsets &= SYNSET.matcher(line.text()).matches();
            indexed += INDEXED.matcher(line.text()).matches() ? 1 : 0;
        }
        boolean counted = indexed == 0 || (synsets && indexed < lines.size());
        String[] names = new String[lines.size()];
        Map<String, Integer> labels = new HashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            String name = line.text();
            int label = i;
            if (!counted) {
                Matcher matcher = INDEXED.matcher(line.text());
                if (!matcher.matches()) {
                    throw error(location, line.number(), "it has no index, other lines have one");
                }
                name = matcher.group(1);
                label = index(location, line.number(), matcher.group(2), names);
            } else if (synsets) {
                name = line.text().substring(0, "n00000000".length());
            }
            name = unquoted(name);
            if (labels.put(name, label) != null) {
                throw error(location, line.number(), "class " + name + " a second time");
            }
            names[label] = name;
        }
        return new ClassTable(Arrays.asList(names), labels);
    }

    /**
     * Labels without a table: names in the order of their bytes; where all are decimal numbers, the numbers themselves,
     * and those that do not occur are classes without inputs.
     *
     * @throws ConfigException where a number is above a million, or two names are the same number
     */
    public static ClassTable of(Collection<String> classNames) {
        TreeSet<String> sorted = new TreeSet<>(Listing.BY_BYTES);
        sorted.addAll(classNames);
        boolean numbers = !sorted.isEmpty()
                && sorted.stream().allMatch(name -> DECIMAL.matcher(name).matches());
        List<String> names = new ArrayList<>();
        Map<String, Integer> labels = new HashMap<>();
        Set<Integer> taken = new HashSet<>();
        for (String name : sorted) {
            int label = labels.size();
            if (numbers) {
                label = number(name);
                while (names.size() <= label) {
                    names.add(Integer.toString(names.size()));
                }
                if (!taken.add(label)) {
                    throw new ConfigException("class " + name + " and another are both number " + label
                            + "; rename one, or say the label of each in a table of classes");
                }
                names.set(label, name);
            } else {
                names.add(name);
            }
            labels.put(name, label);
        }
        return new ClassTable(names, labels);
    }

    /** The label of a class, null where the table does not have it. */
    public @Nullable Integer label(String className) {
        return labels.get(className);
    }

    /** The names, at the place of their labels. */
    public List<String> names() {
        return names;
    }

    private static int number(String name) {
        String digits = name.replaceFirst("^0+(?=.)", "");
        if (digits.length() > 7 || Integer.parseInt(digits) > MOST_CLASSES) {
            throw new ConfigException("class " + name + " is a number above " + MOST_CLASSES
                    + "; say the label of each class in a table of classes");
        }
        return Integer.parseInt(digits);
    }

    private static int index(String location, int line, String digits, @Nullable String[] names) {
        int index = digits.length() > 9 ? Integer.MAX_VALUE : Integer.parseInt(digits);
        if (index >= names.length) {
            throw error(
                    location,
                    line,
                    "index " + digits + " leaves a gap, for there are " + names.length + " classes, from 0");
        }
        if (names[index] != null) {
            throw error(location, line, "index " + index + " a second time");
        }
        return index;
    }

    /** A name without the quotes of CSV. */
    private static String unquoted(String name) {
        boolean quoted = name.length() > 1 && name.startsWith("\"") && name.endsWith("\"");
        return quoted ? name.substring(1, name.length() - 1).replace("\"\"", "\"") : name;
    }

    private static ConfigException error(String location, int line, String what) {
        return new ConfigException(location + ", line " + line + ": " + what + "; correct the line");
    }
}
