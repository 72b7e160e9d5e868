package io.unifiedlatents.core.collective.gpu;

/** {@code ncclResult_t}, with a remedy for each. */
enum NcclResult {
    SUCCESS(0, "success", "nothing is wrong"),
    UNHANDLED_CUDA_ERROR(
            1,
            "a CUDA call failed",
            "check that each rank has a GPU of its own, with free memory and a driver for CUDA 12.4"),
    SYSTEM_ERROR(
            2,
            "a system call failed",
            "check shared memory (/dev/shm), open files and the network; NCCL_DEBUG=INFO names the call"),
    INTERNAL_ERROR(3, "an internal error of NCCL", "run again with NCCL_DEBUG=INFO and report what it prints"),
    INVALID_ARGUMENT(4, "an argument is invalid", "this is a defect of the caller; report it"),
    INVALID_USAGE(
            5,
            "the call is not allowed here",
            "check that no two ranks share a GPU: give each executor one, spark.task.resource.gpu.amount=1"),
    REMOTE_ERROR(6, "a peer failed or its connection broke", "look for the first failure among the other ranks"),
    IN_PROGRESS(7, "the call has not ended yet", "wait for it"),
    UNKNOWN(-1, "an unknown result", "check that NCCL is 2.21, as libtorch 2.5.1 brings it");

    private final int code;
    private final String meaning;
    private final String wayOut;

    NcclResult(int code, String meaning, String wayOut) {
        this.code = code;
        this.meaning = meaning;
        this.wayOut = wayOut;
    }

    /** The result behind a code; {@link #UNKNOWN} for codes that this version does not know. */
    static NcclResult of(int code) {
        for (NcclResult result : values()) {
            if (result.code == code) {
                return result;
            }
        }
        return UNKNOWN;
    }

    /** Whether the call did its work or goes on doing it. */
    boolean isGood() {
        return this == SUCCESS || this == IN_PROGRESS;
    }

    /**
     * The message for the user.
     *
     * @param code as NCCL gave it
     * @param detail NCCL's own last error, may be empty
     */
    String message(int code, String detail) {
        String said = detail.isBlank() ? "" : " [" + detail.strip() + "]";
        return "NCCL error " + code + ", " + meaning + said + "; " + wayOut;
    }
}
