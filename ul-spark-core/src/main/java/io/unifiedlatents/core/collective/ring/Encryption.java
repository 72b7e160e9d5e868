package io.unifiedlatents.core.collective.ring;

/** The protection of the frames between two ranks; all ranks of a run use the same. */
public enum Encryption {
    /** Frames travel in the clear: for networks that only the cluster's users can reach. Fastest, without a copy. */
    NONE(0),

    /** Frames are encrypted and authenticated with AES-256-GCM, under a key that each connection derives for itself. */
    AES_256_GCM(1);

    private final int code;

    Encryption(int code) {
        this.code = code;
    }

    /** The number that stands for it in the handshake. */
    int code() {
        return code;
    }
}
