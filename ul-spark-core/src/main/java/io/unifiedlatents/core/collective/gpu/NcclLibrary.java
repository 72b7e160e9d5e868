package io.unifiedlatents.core.collective.gpu;

import com.sun.jna.Library;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import org.jspecify.annotations.Nullable;

/**
 * The part of NCCL's C API that {@link NcclCollective} uses, with the header's names. Every int result is a
 * {@link NcclResult}. Counts are {@code size_t}, so 64 bits wide on every platform with CUDA.
 */
interface NcclLibrary extends Library {
    /** {@code ncclFloat32}. */
    int FLOAT32 = 7;

    /** {@code ncclSum}. */
    int SUM = 0;

    int ncclGetVersion(IntByReference version);

    /** Takes the address of {@link NcclUniqueId#BYTES} bytes. */
    int ncclGetUniqueId(Pointer uniqueId);

    int ncclCommInitRankConfig(
            PointerByReference communicator, int ranks, NcclUniqueId uniqueId, int rank, NcclConfig config);

    /** Lets peers finish what this rank takes part in. */
    int ncclCommDestroy(Pointer communicator);

    /** Ends what is under way. */
    int ncclCommAbort(Pointer communicator);

    int ncclCommGetAsyncError(Pointer communicator, IntByReference result);

    /** The last error that NCCL logged in this process. */
    @Nullable
    String ncclGetLastError(@Nullable Pointer communicator);

    int ncclGroupStart();

    int ncclGroupEnd();

    int ncclReduceScatter(
            Pointer send,
            Pointer receive,
            long receiveCount,
            int type,
            int operation,
            Pointer communicator,
            Pointer stream);

    int ncclAllGather(Pointer send, Pointer receive, long sendCount, int type, Pointer communicator, Pointer stream);

    int ncclReduce(
            Pointer send,
            Pointer receive,
            long count,
            int type,
            int operation,
            int root,
            Pointer communicator,
            Pointer stream);

    int ncclBroadcast(
            Pointer send, Pointer receive, long count, int type, int root, Pointer communicator, Pointer stream);
}
