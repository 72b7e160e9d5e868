/*
 * A stand-in for the CUDA runtime and for NCCL, over host memory: the ranks are threads of one process, the last one to
 * call does the work of all. Calls return before their work is done, as those of the real ones. fake* are for tests.
 */
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SUCCESS = 0, INVALID_ARGUMENT = 4, INVALID_USAGE = 5, REMOTE_ERROR = 6, IN_PROGRESS = 7 };
enum { CUDA_INVALID_HANDLE = 400, CUDA_NOT_READY = 600 };
enum { RANKS = 8, DEVICES = 8 };
enum kind { REDUCE, REDUCE_SCATTER, ALL_GATHER, BROADCAST };

typedef struct { char internal[128]; } ncclUniqueId; /* as in nccl.h */
typedef struct { size_t size; unsigned magic, version; int blocking; } ncclConfig_t; /* as in nccl.h of 2.14 */

struct op { enum kind kind; const float *send; float *receive; size_t count; int root; };
struct stream { struct comm *comm; long follows; };
struct event { int device; long recorded; };
struct comm {
  struct group *group;
  struct stream *stream;
  struct op ops[RANKS]; /* of one call: one, or one a rank */
  int rank, device, count, fresh, error;
  long calls;
};
struct group { struct comm *comms[RANKS]; int ranks, joined, arrived; long done; };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct { float *at; float value; long number; } computing[DEVICES]; /* on the default stream, not done yet */
static long computed;
static int live, fail_nccl, fail_cuda;
static _Thread_local int device, grouping;
static _Thread_local struct comm *grouped;

/* ---- CUDA ---- */

static void finish(int on, long number) {
  if (computing[on].at && computing[on].number <= number) {
    *computing[on].at = computing[on].value;
    computing[on].at = NULL;
  }
}

int cudaSetDevice(int to) { device = to; return to < DEVICES ? 0 : 101; }

int cudaMemcpy(void *target, const void *source, size_t bytes, int kind) {
  pthread_mutex_lock(&lock);
  finish(device, computed); /* it follows the default stream */
  memcpy(target, source, bytes);
  pthread_mutex_unlock(&lock);
  return kind == 1 || kind == 2 ? 0 : 21;
}

int cudaStreamCreateWithFlags(struct stream **stream, int flags) {
  __sync_fetch_and_add(&live, 1);
  *stream = calloc(1, sizeof **stream);
  return flags == 1 ? 0 : 1;
}

int cudaStreamDestroy(struct stream *stream) { __sync_fetch_and_sub(&live, 1); free(stream); return 0; }

int cudaEventCreateWithFlags(struct event **event, int flags) {
  __sync_fetch_and_add(&live, 1);
  *event = calloc(1, sizeof **event);
  (*event)->device = device;
  return flags == 2 ? 0 : 1;
}

int cudaEventDestroy(struct event *event) { __sync_fetch_and_sub(&live, 1); free(event); return 0; }

int cudaEventRecord(struct event *event, void *stream) {
  event->recorded = computed;
  return stream == NULL && event->device == device ? 0 : CUDA_INVALID_HANDLE;
}

int cudaStreamWaitEvent(struct stream *stream, struct event *event, int flags) {
  stream->follows = event->recorded;
  return flags;
}

int cudaStreamQuery(struct stream *stream) {
  pthread_mutex_lock(&lock);
  struct comm *comm = stream->comm;
  int pending = comm && !comm->fresh && comm->group->done < comm->calls; /* a fresh call has queued nothing yet */
  int code = fail_cuda ? fail_cuda : pending ? CUDA_NOT_READY : 0;
  fail_cuda = 0;
  pthread_mutex_unlock(&lock);
  return code;
}

const char *cudaGetErrorString(int code) { return code == 2 ? "out of memory" : "some CUDA error"; }

/* ---- NCCL ---- */

int ncclGetVersion(int *version) { *version = 22105; return SUCCESS; }

int ncclGetUniqueId(ncclUniqueId *id) {
  struct group *group = calloc(1, sizeof *group); /* stays: ranks may come late */
  for (int i = 0; i < 128; i++) id->internal[i] = (char) (i * 7);
  memcpy(id->internal, &group, sizeof group);
  return SUCCESS;
}

int ncclCommInitRankConfig(struct comm **result, int ranks, ncclUniqueId id, int rank, ncclConfig_t *config) {
  if (config->size != sizeof *config || config->magic != 0xcafebeef || config->version != 21400 || config->blocking)
    return INVALID_ARGUMENT;
  for (int i = sizeof(void *); i < 128; i++)
    if (id.internal[i] != (char) (i * 7)) return INVALID_ARGUMENT;
  struct comm *comm = calloc(1, sizeof *comm);
  memcpy(&comm->group, id.internal, sizeof comm->group);
  comm->rank = rank;
  comm->device = device;
  pthread_mutex_lock(&lock);
  live++;
  struct group *group = comm->group;
  group->ranks = ranks;
  for (int i = 0; i < ranks; i++)
    if (group->comms[i] && group->comms[i]->device == device) comm->error = group->comms[i]->error = INVALID_USAGE;
  group->comms[rank] = comm;
  group->joined++;
  *result = comm;
  pthread_mutex_unlock(&lock);
  return IN_PROGRESS;
}

static int leave(struct comm *comm, int error) {
  pthread_mutex_lock(&lock);
  comm->group->comms[comm->rank] = NULL;
  for (int i = 0; i < comm->group->ranks; i++)
    if (error && comm->group->comms[i] && !comm->group->comms[i]->error) comm->group->comms[i]->error = error;
  live--;
  free(comm);
  pthread_mutex_unlock(&lock);
  return SUCCESS;
}

int ncclCommDestroy(struct comm *comm) { return leave(comm, 0); }

int ncclCommAbort(struct comm *comm) { return leave(comm, REMOTE_ERROR); }

int ncclCommGetAsyncError(struct comm *comm, int *result) {
  pthread_mutex_lock(&lock);
  int busy = comm->fresh || comm->group->joined < comm->group->ranks;
  *result = comm->error ? comm->error : busy ? IN_PROGRESS : SUCCESS;
  comm->fresh = 0;
  pthread_mutex_unlock(&lock);
  return SUCCESS;
}

const char *ncclGetLastError(struct comm *comm) { return "what NCCL said"; }

static void add(struct group *group, int op, size_t from, struct op *to) {
  float *sum = calloc(to->count + 1, sizeof *sum);
  for (int rank = 0; rank < group->ranks; rank++)
    for (size_t i = 0; i < to->count; i++) sum[i] += group->comms[rank]->ops[op].send[from + i];
  memcpy(to->receive, sum, to->count * sizeof *sum);
  free(sum);
}

static void work(struct group *group, int k, int rank) {
  struct op *op = &group->comms[rank]->ops[k];
  size_t bytes = op->count * sizeof(float);
  if (op->kind == REDUCE && op->root == rank) add(group, k, 0, op);
  if (op->kind == REDUCE_SCATTER) add(group, k, rank * op->count, op);
  for (int to = 0; to < group->ranks; to++) {
    float *receive = group->comms[to]->ops[k].receive;
    if (op->kind == ALL_GATHER) memmove(receive + rank * op->count, op->send, bytes);
    if (op->kind == BROADCAST && op->root == rank) memmove(receive, op->send, bytes);
  }
}

static int publish(struct comm *comm) {
  pthread_mutex_lock(&lock);
  struct group *group = comm->group;
  comm->fresh = 1;
  comm->calls++;
  if (++group->arrived == group->ranks) {
    for (int rank = 0; rank < group->ranks; rank++)
      finish(group->comms[rank]->device, group->comms[rank]->stream->follows);
    for (int op = 0; op < comm->count; op++)
      for (int rank = 0; rank < group->ranks; rank++) work(group, op, rank);
    for (int rank = 0; rank < group->ranks; rank++) group->comms[rank]->count = 0;
    group->arrived = 0;
    group->done++;
  }
  pthread_mutex_unlock(&lock);
  return IN_PROGRESS;
}

static int call(struct comm *comm, struct stream *stream, int type, struct op op) {
  if (fail_nccl) { int code = fail_nccl; fail_nccl = 0; return code; }
  if (comm->error) return comm->error;
  if (type != 7 || comm->group->joined < comm->group->ranks) return INVALID_ARGUMENT;
  comm->stream = stream;
  stream->comm = comm;
  comm->ops[comm->count++] = op;
  if (!grouping) return publish(comm);
  grouped = comm;
  return SUCCESS;
}

int ncclGroupStart(void) { grouping++; return SUCCESS; }

int ncclGroupEnd(void) {
  struct comm *comm = grouped;
  grouping--;
  grouped = NULL;
  return comm ? publish(comm) : SUCCESS;
}

int ncclReduceScatter(const void *send, void *receive, size_t count, int type, int sum, struct comm *comm, void *stream) {
  return sum ? INVALID_ARGUMENT : call(comm, stream, type, (struct op) {REDUCE_SCATTER, send, receive, count, 0});
}

int ncclReduce(const void *send, void *receive, size_t count, int type, int sum, int root, struct comm *comm, void *stream) {
  return sum ? INVALID_ARGUMENT : call(comm, stream, type, (struct op) {REDUCE, send, receive, count, root});
}

int ncclAllGather(const void *send, void *receive, size_t count, int type, struct comm *comm, void *stream) {
  return call(comm, stream, type, (struct op) {ALL_GATHER, send, receive, count, 0});
}

int ncclBroadcast(const void *send, void *receive, size_t count, int type, int root, struct comm *comm, void *stream) {
  return call(comm, stream, type, (struct op) {BROADCAST, send, receive, count, root});
}

/* ---- for tests ---- */

/* Queues a computation on the default stream, which nobody sees done before something follows it. */
void fakeCompute(int on, float *at, float value) {
  pthread_mutex_lock(&lock);
  computing[on].at = at;
  computing[on].value = value;
  computing[on].number = ++computed;
  pthread_mutex_unlock(&lock);
}

void fakeFail(int nccl, int cuda) { fail_nccl = nccl; fail_cuda = cuda; }

/* Streams, events and communicators that nobody gave back. */
int fakeLive(void) { return live; }

/* Sizes and offsets as this compiler lays them out. */
size_t fakeLayout(int what) {
  size_t layout[] = {sizeof(ncclUniqueId), sizeof(ncclConfig_t), offsetof(ncclConfig_t, magic),
                     offsetof(ncclConfig_t, version), offsetof(ncclConfig_t, blocking)};
  return layout[what];
}
