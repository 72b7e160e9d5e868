package io.unifiedlatents.core.collective;

import java.io.IOException;

/** A float32 vector in the memory of the host or of a GPU: a view, whose owner must keep the memory alive. */
public interface Floats {
    /** Gives a vector its values. */
    interface Source {
        /** Overwrites all of it. */
        void read(FloatVector into) throws IOException;
    }

    /** Number of floats. */
    long size();

    /** The floats from {@code begin} to before {@code end} as a vector over the same memory. */
    Floats range(long begin, long end);

    /** Copies all of {@code source} to the floats from {@code begin} on; overlapping memory gives undefined values. */
    void set(FloatVector source, long begin) throws IOException;

    /** Copies everything to the host, into a vector of the same size. */
    void copyTo(FloatVector target) throws IOException;

    /** Overwrites everything: in place on the host, by way of as much host memory on a GPU. */
    default void fill(Source source) throws IOException {
        FloatVector host = FloatVector.allocate(size());
        source.read(host);
        set(host, 0);
    }
}
