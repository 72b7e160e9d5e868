package io.unifiedlatents.core.collective.gpu;

import com.sun.jna.Structure;

/**
 * {@code ncclConfig_t} as of NCCL 2.14: every later version reads one that says so, and takes its defaults for what
 * came after. Says that no call on the communicator waits for a peer.
 */
@Structure.FieldOrder({"size", "magic", "version", "blocking"})
public final class NcclConfig extends Structure {
    static final int BYTES = 24;

    /** {@code sizeof(ncclConfig_t)}. */
    public long size = BYTES;

    /** The values that {@code NCCL_CONFIG_INITIALIZER} writes. */
    public int magic = 0xcafebeef;

    /** {@code NCCL_VERSION(2, 14, 0)}. */
    public int version = 21400;

    /** 0: calls return {@link NcclResult#IN_PROGRESS} and go on beside the caller. */
    public int blocking = 0;
}
