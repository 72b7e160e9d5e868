"""One rank of a gloo group: answers 'reduce FLOATS REPETITIONS' with the seconds that the all-reduces took."""
import sys
import time

import torch
import torch.distributed as dist

rank, world_size, rendezvous = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
dist.init_process_group("gloo", init_method="file://" + rendezvous, rank=rank, world_size=world_size)
print(torch.__version__, flush=True)
for line in sys.stdin:
    _, floats, repetitions = line.split()
    vector = torch.ones(int(floats))
    dist.barrier()
    start = time.perf_counter()
    for _ in range(int(repetitions)):
        dist.all_reduce(vector)
    print(time.perf_counter() - start, flush=True)
