package io.unifiedlatents.core.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A difference between cards.
 *
 * @param key of the cards
 * @param values one for each card, as text; {@value #MISSING} where a card has no such key
 */
public record Difference(String key, List<String> values) {
    /** Stands for a value that is not there. */
    public static final String MISSING = "–";

    /** Copies the values. */
    public Difference {
        values = List.copyOf(values);
    }

    /** Keys whose values are not the same in all, in the order in which they first appear. */
    static List<Difference> between(List<Map<String, Object>> cards) {
        List<Difference> found = new ArrayList<>();
        for (String key : keys(cards)) {
            Object first = cards.get(0).get(key);
            if (!cards.stream().allMatch(card -> Objects.equals(card.get(key), first))) {
                found.add(new Difference(key, values(cards, key)));
            }
        }
        return found;
    }

    /** Keys of all, in the order in which they first appear. */
    static Set<String> keys(List<Map<String, Object>> cards) {
        Set<String> keys = new LinkedHashSet<>();
        cards.forEach(card -> keys.addAll(card.keySet()));
        return keys;
    }

    /** The value of each card under a key. */
    static List<String> values(List<Map<String, Object>> cards, String key) {
        return cards.stream()
                .map(card -> card.containsKey(key) ? String.valueOf(card.get(key)) : MISSING)
                .toList();
    }
}
