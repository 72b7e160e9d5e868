"""Frechet distances of rows of features, by SciPy's matrix root: frechet.py <directory> <from:to:from:to> ...

Prints one number for each pair of ranges.
"""
import glob
import os
import sys

import numpy as np
from scipy import linalg

files = sorted(glob.glob(os.path.join(sys.argv[1], "features-*.npy")))
x = np.concatenate([np.load(file) for file in files]).astype(np.float64)
for case in sys.argv[2:]:
    a, b, c, d = (int(part) for part in case.split(":"))
    first, second = x[a:b], x[c:d]
    s1, s2 = np.cov(first, rowvar=False), np.cov(second, rowvar=False)
    root = linalg.sqrtm(s1 @ s2)
    means = first.mean(axis=0) - second.mean(axis=0)
    print(repr(float(means @ means + np.trace(s1) + np.trace(s2) - 2 * np.trace(root).real)), flush=True)
