package io.unifiedlatents.core.collective.gpu;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.ErrorFeedback;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.collective.Floats;
import io.unifiedlatents.core.collective.Operation;
import io.unifiedlatents.core.collective.Partition;
import io.unifiedlatents.core.collective.SoloCollective;
import io.unifiedlatents.core.config.Check;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Ranks with a GPU each: vectors there travel by NCCL, everything else (vectors on the host, numbers, barriers, the
 * meeting at the start) over the control collective, usually a {@link io.unifiedlatents.core.collective.ring.TcpRing}.
 * Never run on a GPU so far: only over a stand-in for NCCL in host memory.
 *
 * <p>No call to NCCL waits for a peer: the communicator is a non-blocking one, and this thread asks it and the stream
 * until both are done, the control collective has failed, or the time is up. After a failure the communicator is
 * aborted by the thread that uses it, as NCCL wants it, so that peers fail too. NCCL does not say which peer is lost;
 * the ranks therefore meet once more on the control collective, and the failure comes after two time-outs at the
 * latest.
 *
 * <p>Sums are the same on every rank, and for a given number of ranks and topology on every run, but NCCL chooses the
 * order of addition: bits differ from those of the other implementations.
 */
public final class NcclCollective implements Collective {
    private static final long SPIN_NANOS = 200_000;
    private static final long POLL_NANOS = 50_000;
    private static final long CLOSE_SECONDS = 2;

    private final Collective control;
    private final Gpu gpu;
    private final NcclLibrary nccl;
    private final CudaStream stream;
    private final Duration timeout;
    private final PointerByReference communicator = new PointerByReference(); // NCCL may write to it while joining
    private final ReentrantLock inUse = new ReentrantLock(); // held by the one thread that may call NCCL
    private boolean freed;
    private volatile String where = "start";

    private NcclCollective(Collective control, Gpu gpu, CudaStream stream, Duration timeout) {
        this.control = control;
        this.gpu = gpu;
        this.nccl = gpu.nccl();
        this.stream = stream;
        this.timeout = timeout;
    }

    /**
     * Joins the ranks of the control collective; all of them call it.
     *
     * @param control connects the same ranks; owned and closed by the result
     * @param gpu of this rank and no other
     * @param timeout longest wait for the ranks to join and, later, for an operation
     * @throws IOException if NCCL refuses, or the ranks do not join in time; the control collective is then aborted
     */
    public static Collective connect(Collective control, Gpu gpu, Duration timeout) throws IOException {
        Check.setting(!timeout.isNegative() && !timeout.isZero(), "timeout=%s must be positive", timeout);
        try {
            NcclCollective collective = new NcclCollective(control, gpu, CudaStream.open(gpu), timeout);
            collective.join();
            return collective;
        } catch (IOException | RuntimeException e) {
            control.abort(e);
            throw e;
        }
    }

    private void join() throws IOException {
        run(
                "join",
                () -> nccl.ncclCommInitRankConfig(communicator, worldSize(), exchangeId(), rank(), new NcclConfig()));
    }

    /** Rank 0 makes the id, the control collective carries it: to ranks that have proved who they are. */
    private NcclUniqueId exchangeId() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(NcclUniqueId.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        if (rank() == 0) {
            try (Memory made = new Memory(NcclUniqueId.BYTES)) {
                checkNccl(nccl.ncclGetUniqueId(made), "join");
                bytes.put(0, made.getByteArray(0, NcclUniqueId.BYTES));
            }
        }
        control.broadcast(FloatVector.of(bytes), 0);
        NcclUniqueId id = new NcclUniqueId();
        bytes.get(0, id.internal);
        return id;
    }

    @Override
    public int rank() {
        return control.rank();
    }

    @Override
    public int worldSize() {
        return control.worldSize();
    }

    /**
     * Of equal ranges by {@code ncclReduceScatter}; of unequal ones, as the last of a {@link Partition} may be, by one
     * {@code ncclReduce} per range in a group, which NCCL runs together. Padding would need a larger vector or a copy.
     */
    @Override
    public void reduceScatter(Floats vector, Partition partition) throws IOException {
        SoloCollective.checkPartition(this, vector, partition);
        if (vector instanceof FloatVector) {
            control.reduceScatter(vector, partition);
            return;
        }
        DeviceFloats floats = own(vector);
        run(Operation.REDUCE_SCATTER.text(), () -> {
            if (partition.isEven()) {
                return nccl.ncclReduceScatter(
                        floats.pointer(0),
                        floats.pointer(partition.begin(rank())),
                        partition.end(0),
                        NcclLibrary.FLOAT32,
                        NcclLibrary.SUM,
                        communicator.getValue(),
                        stream.handle());
            }
            return forEachRange(
                    floats,
                    partition,
                    (range, count, root) -> nccl.ncclReduce(
                            range,
                            range,
                            count,
                            NcclLibrary.FLOAT32,
                            NcclLibrary.SUM,
                            root,
                            communicator.getValue(),
                            stream.handle()));
        });
    }

    /** Not offered on a GPU: rounding would need kernels of our own, and NCCL would also add in bfloat16. */
    @Override
    public void reduceScatter(Floats vector, Partition partition, ErrorFeedback feedback) throws IOException {
        Check.setting(
                vector instanceof FloatVector,
                "cluster.gradientWire=bf16 works on host memory only; set it to fp32 for GPUs");
        control.reduceScatter(vector, partition, feedback);
    }

    /** Gathers by {@code ncclAllGather} or, for unequal ranges, by a group of one {@code ncclBroadcast} per range. */
    @Override
    public void allGather(Floats vector, Partition partition) throws IOException {
        SoloCollective.checkPartition(this, vector, partition);
        if (vector instanceof FloatVector) {
            control.allGather(vector, partition);
            return;
        }
        DeviceFloats floats = own(vector);
        run(Operation.ALL_GATHER.text(), () -> {
            if (partition.isEven()) {
                return nccl.ncclAllGather(
                        floats.pointer(partition.begin(rank())),
                        floats.pointer(0),
                        partition.end(0),
                        NcclLibrary.FLOAT32,
                        communicator.getValue(),
                        stream.handle());
            }
            return forEachRange(floats, partition, this::broadcast);
        });
    }

    @Override
    public void broadcast(Floats vector, int root) throws IOException {
        SoloCollective.checkRoot(this, root);
        if (vector instanceof FloatVector) {
            control.broadcast(vector, root);
            return;
        }
        DeviceFloats floats = own(vector);
        run(Operation.BROADCAST.text(), () -> broadcast(floats.pointer(0), floats.size(), root));
    }

    private int broadcast(Pointer range, long count, int root) {
        return nccl.ncclBroadcast(
                range, range, count, NcclLibrary.FLOAT32, root, communicator.getValue(), stream.handle());
    }

    @Override
    public double[] allReduce(double... values) throws IOException {
        return control.allReduce(values);
    }

    @Override
    public void barrier() throws IOException {
        control.barrier();
    }

    @Override
    public void at(String label) {
        where = label;
        control.at(label);
    }

    @Override
    public void check() throws IOException {
        control.check();
    }

    /** The control collective keeps the failure; the thread that waits for NCCL finds it there. */
    @Override
    public void abort(Throwable cause) {
        control.abort(cause);
    }

    @Override
    public void close() {
        boolean healthy = isHealthy();
        control.close(); // ends a call under way
        boolean locked = false;
        try {
            locked = inUse.tryLock(CLOSE_SECONDS, TimeUnit.SECONDS);
            if (locked) {
                free(healthy);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (locked) {
                inUse.unlock();
            }
        }
    }

    private boolean isHealthy() {
        try {
            control.check();
            return !inUse.isLocked();
        } catch (IOException e) {
            return false;
        }
    }

    /** Queues NCCL calls; the last result counts. */
    private interface Launch {
        int run() throws IOException;
    }

    /** One call for a range of which {@code root} is the owner. */
    private interface RangeLaunch {
        int run(Pointer range, long count, int root);
    }

    private int forEachRange(DeviceFloats floats, Partition partition, RangeLaunch launch) {
        int code = nccl.ncclGroupStart();
        for (int root = 0; root < worldSize() && NcclResult.of(code).isGood(); root++) {
            long begin = partition.begin(root);
            long count = partition.end(root) - begin;
            if (count > 0) {
                code = launch.run(floats.pointer(begin), count, root);
            }
        }
        int end = nccl.ncclGroupEnd(); // also after a failure: a group left open swallows all later calls
        return NcclResult.of(code).isGood() ? end : code;
    }

    private void run(String operation, Launch launch) throws IOException {
        inUse.lock();
        try {
            control.check();
            stream.followCompute();
            checkNccl(launch.run(), operation);
            await(operation);
        } catch (IOException | RuntimeException e) {
            free(false);
            control.abort(e);
            throw e;
        } finally {
            inUse.unlock();
        }
    }

    private void await(String operation) throws IOException {
        long start = System.nanoTime();
        while (isUnderWay(operation)) {
            control.check();
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted in " + operation + " at " + where);
            }
            long waited = System.nanoTime() - start;
            if (waited > timeout.toNanos()) {
                throw lost(operation, "not done after " + timeout.toMillis() + " ms");
            }
            if (waited > SPIN_NANOS) {
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
    }

    private boolean isUnderWay(String operation) throws IOException {
        IntByReference result = new IntByReference();
        checkNccl(nccl.ncclCommGetAsyncError(communicator.getValue(), result), operation);
        checkNccl(result.getValue(), operation);
        // until NCCL is done with the call, the stream may not hold its work yet
        return NcclResult.of(result.getValue()) == NcclResult.IN_PROGRESS || !stream.isDone();
    }

    private void checkNccl(int code, String operation) throws IOException {
        NcclResult result = NcclResult.of(code);
        if (result.isGood()) {
            return;
        }
        String detail = Objects.requireNonNullElse(nccl.ncclGetLastError(communicator.getValue()), "");
        String message = result.message(code, detail);
        if (result == NcclResult.REMOTE_ERROR) {
            throw lost(operation, message);
        }
        String failed = self(operation) + " failed: " + message;
        Check.setting(result != NcclResult.INVALID_USAGE, "%s", failed);
        throw new IOException(failed);
    }

    /** The failure that names the lost peer, which the control collective finds out. */
    private IOException lost(String operation, String reason) {
        String what = self(operation) + ": " + reason;
        free(false); // so that peers which still wait for this rank notice
        try {
            control.barrier();
        } catch (IOException e) {
            e.addSuppressed(new IOException(what));
            return e;
        }
        return new IOException(what + "; all ranks answer on the control connections, so look at the links between the"
                + " GPUs (NCCL_DEBUG=INFO), or raise cluster.peerTimeoutSeconds");
    }

    private String self(String operation) {
        return "rank " + rank() + " of " + worldSize() + " (" + gpu + ") in " + operation + " by NCCL at " + where;
    }

    /** Gives everything back; the lock must be held, unless no other thread knows this object. */
    private void free(boolean healthy) {
        if (freed) {
            return;
        }
        freed = true;
        @Nullable Pointer joined = communicator.getValue();
        if (joined != null && healthy) {
            nccl.ncclCommDestroy(joined);
        } else if (joined != null) {
            nccl.ncclCommAbort(joined);
        }
        stream.close();
    }

    private DeviceFloats own(Floats vector) {
        DeviceFloats floats = (DeviceFloats) vector;
        Check.argument(
                floats.gpu().number() == gpu.number(),
                "the vector lies on %s, the communicator of rank %s uses %s",
                floats.gpu(),
                rank(),
                gpu);
        return floats;
    }
}
