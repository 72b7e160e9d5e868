package io.unifiedlatents.core.metrics.picture;

import io.unifiedlatents.core.data.PictureSet;
import io.unifiedlatents.core.data.Rgb;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Gathers pictures into batches of one size, the last of a unit being smaller. */
public final class PictureBatches implements PictureSet.Sink {
    private final int size;
    private final Handler handler;
    private final List<String> ids = new ArrayList<>();
    private final List<Rgb> pictures = new ArrayList<>();
    private int first;

    /** Takes batches. */
    @FunctionalInterface
    public interface Handler {
        /**
         * A batch.
         *
         * @param first row of its first picture in the unit
         * @param ids of the pictures, in order
         * @param pictures as many
         */
        void accept(int first, List<String> ids, List<Rgb> pictures) throws IOException;
    }

    /** Batches of {@code size} pictures. */
    public PictureBatches(int size, Handler handler) {
        this.size = size;
        this.handler = handler;
    }

    @Override
    public void accept(String id, Rgb picture) throws IOException {
        ids.add(id);
        pictures.add(picture);
        if (ids.size() == size) {
            flush();
        }
    }

    /** Hands on what is left at the end of a unit. */
    public void flush() throws IOException {
        if (!ids.isEmpty()) {
            handler.accept(first, List.copyOf(ids), List.copyOf(pictures));
            first += ids.size();
            ids.clear();
            pictures.clear();
        }
    }
}
