#!/usr/bin/python3
"""Makes the golden files of NpzTest with NumPy (1.24.2 was used)."""
import io
import struct
import numpy as np

ARRAYS = {
    "mu": np.arange(3) / 4 - 0.25,
    "sigma": (np.arange(9) / 8 + np.array(0.1)).reshape(3, 3),
    "arr_0": np.arange(24, dtype=np.uint8).reshape(2, 2, 2, 3) + 230,
    "single": np.array([[1.5, -0.1, 3e38]], dtype=np.float32),
    "count": np.array(-(2**40), dtype=np.int64),
}

np.savez("stored.npz", **ARRAYS)
np.savez_compressed("deflated.npz", **ARRAYS)
np.savez("unsupported.npz", objects=np.array([{}], dtype=object), big=np.arange(3, dtype=">f8"),
         fortran=np.asfortranarray(ARRAYS["sigma"]), half=np.zeros(2, dtype=np.float16),
         fields=np.zeros(2, dtype=[("a", "<f8"), ("b", "<i8")]), mu=ARRAYS["mu"])
header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }".ljust(116) + b"\n"
with open("version2.npy", "wb") as file:
    file.write(b"\x93NUMPY\x02\x00" + struct.pack("<I", len(header)) + header + np.array([0.5, -7.0]).tobytes())
assert np.load("version2.npy").tolist() == [0.5, -7.0]
