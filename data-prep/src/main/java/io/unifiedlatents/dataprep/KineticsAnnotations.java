package io.unifiedlatents.dataprep;

import io.unifiedlatents.dataprep.clip.KineticsTable;
import io.unifiedlatents.dataprep.source.Annotation;
import io.unifiedlatents.dataprep.source.Annotations;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Classes and splits of videos by a table of Kinetics. */
record KineticsAnnotations(KineticsTable table) implements Annotations {
    @Override
    public @Nullable Annotation get(String path) {
        return table.find(path)
                .map(clip -> new Annotation(clip.row().label(), null, clip.split()))
                .orElse(null);
    }

    @Override
    public List<String> missing(Set<String> found) {
        return table.missing(found).stream().map(KineticsTable::customaryPath).toList();
    }
}
