#!/usr/bin/python3
"""Makes the golden file of FrechetDistanceTest with NumPy, SciPy's sqrtm and mpmath (1.24.2, 1.10.1 and 1.2.1 were used).

<case>.x and <case>.y: features; <case>.exact: the distance with 60 digits; <case>.scipy: as pytorch-fid and ADM compute it.
"""
import numpy as np
import scipy.linalg
from mpmath import mp

mp.dps = 60
rng = np.random.default_rng(1)


def mixed(n, d, deviations, shift=0.0):
    """Correlated normal features of the given standard deviations along random axes."""
    axes = np.linalg.qr(rng.normal(size=(d, d)))[0]
    return (rng.normal(size=(n, d)) * deviations @ axes + shift).astype(np.float32)


def covariance(x):
    """Divisor n - 1, in exact arithmetic up to 60 digits."""
    rows = mp.matrix(x.astype(float).tolist())
    n, d = rows.rows, rows.cols
    mean = [mp.fsum(rows[i, j] for i in range(n)) / n for j in range(d)]
    centred = mp.matrix(n, d)
    for i in range(n):
        for j in range(d):
            centred[i, j] = rows[i, j] - mean[j]
    return mp.matrix(mean), centred.T * centred / (n - 1)


def exact(x, y):
    """By eigenvalues of S1^(1/2) S2 S1^(1/2)."""
    (m1, s1), (m2, s2) = covariance(x), covariance(y)
    e, q = mp.eigsy(s1)
    root = q * mp.diag([mp.sqrt(max(v, mp.mpf(0))) for v in e]) * q.T
    product = root * s2 * root
    f = mp.eigsy((product + product.T) / 2, eigvals_only=True)
    d = s1.rows
    # rounding at 60 digits leaves 1e-30 in place of a root that is 0
    trace = mp.fsum(s1[i, i] + s2[i, i] for i in range(d)) - 2 * mp.fsum(mp.sqrt(max(v, mp.mpf(0))) for v in f)
    return float(mp.fsum((m1[i] - m2[i]) ** 2 for i in range(d)) + trace)


def by_scipy(x, y):
    x, y = x.astype(np.float64), y.astype(np.float64)
    s1, s2 = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    root, _ = scipy.linalg.sqrtm(s1 @ s2, disp=False)  # NaN for constant columns: it divides by a zero eigenvalue
    return ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(s1 + s2 - 2 * root.real)


D = 12
even = np.linspace(0.5, 2, D)
cases = {
    "well": (mixed(60, D, even, 0.3), mixed(50, D, even[::-1])),
    "near": (mixed(60, D, 10.0 ** np.linspace(0, -5, D)), mixed(60, D, 10.0 ** np.linspace(0, -5, D))),
    "constant": (mixed(60, D, even) * np.array([1] * 8 + [0] * 4, np.float32),
                 mixed(60, D, even) * np.array([1, 0] * 6, np.float32)),
    "few": (mixed(7, D, even), mixed(9, D, even)),
    "offset": (mixed(60, D, even, 4096.0), mixed(60, D, even, 4096.0)),
}
arrays = {}
for name, (x, y) in cases.items():
    arrays |= {name + ".x": x, name + ".y": y, name + ".exact": np.array(exact(x, y)),
               name + ".scipy": np.array(by_scipy(x, y))}
    print(name, exact(x, y), by_scipy(x, y), by_scipy(x, y) / exact(x, y) - 1)
np.savez_compressed("frechet.npz", **arrays)
