package io.unifiedlatents.core.storage;

import java.io.IOException;
import java.io.OutputStream;

/**
 * A file being written. It appears under its name, whole, in {@link #commit}, replacing what is there; {@link #close}
 * before that leaves nothing behind. Writers of the same name do not disturb each other: the last commit wins. Not
 * thread safe.
 */
public final class PendingFile extends OutputStream {
    /** The action that ends the file, by publishing or removing it. */
    interface End {
        void run() throws IOException;
    }

    private final OutputStream out;
    private final End commit;
    private final End discard;
    private boolean ended;

    PendingFile(OutputStream out, End commit, End discard) {
        this.out = out;
        this.commit = commit;
        this.discard = discard;
    }

    @Override
    public void write(int b) throws IOException {
        out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
    }

    /** Makes the file appear; once. */
    public void commit() throws IOException {
        if (ended) {
            throw new IOException("this file was committed or discarded before");
        }
        commit.run();
        ended = true;
    }

    @Override
    public void close() throws IOException {
        if (!ended) {
            ended = true;
            discard.run();
        }
    }
}
