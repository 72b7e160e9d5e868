package io.unifiedlatents.core.collective.gpu;

import com.sun.jna.Structure;

/** {@code ncclUniqueId}: 128 bytes by which the ranks of one communicator find each other; passed by value. */
@Structure.FieldOrder("internal")
public final class NcclUniqueId extends Structure implements Structure.ByValue {
    static final int BYTES = 128;

    /** The bytes, which only NCCL understands. */
    public byte[] internal = new byte[BYTES];
}
