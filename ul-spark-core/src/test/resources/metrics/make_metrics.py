#!/usr/bin/python3
"""Makes the golden file of MetricsGoldenTest with NumPy and SciPy (1.24.2 and 1.10.1 were used), from the papers' formulas."""
import numpy as np
from scipy import ndimage, spatial, special, stats

rng = np.random.default_rng(2)
arrays = {}

# features of two sets that overlap in part, with copies of vectors within and across
D = 10
real = rng.normal(size=(150, D)).astype(np.float32)
made = (rng.normal(size=(130, D)) * 0.8 + 0.5).astype(np.float32)
made[7] = made[3]
made[11] = real[5]
arrays |= {"real": real, "made": made}
x, y = real.astype(np.float64), made.astype(np.float64)


def kernel(a, b):
    return (np.einsum("ik,jk->ij", a, b) / a.shape[1] + 1) ** 3


def without_diagonal(k):
    return k[~np.eye(len(k), dtype=bool)].mean()


arrays["kid"] = without_diagonal(kernel(x, x)) + without_diagonal(kernel(y, y)) - 2 * kernel(x, y).mean()

for k in (1, 3, 5):
    def radius(a):
        return np.sort(spatial.distance.cdist(a, a), axis=1)[:, k]  # column 0 is the vector itself

    across = spatial.distance.cdist(x, y)
    in_real = across <= radius(x)[:, None]
    in_made = across <= radius(y)[None, :]
    arrays[f"prdc{k}"] = np.array([in_real.any(0).mean(), in_made.any(1).mean(),
                                   in_real.sum() / (k * len(y)), (across.min(1) <= radius(x)).mean()])

logits = (rng.normal(size=(83, 17)) * 3).astype(np.float32)
logits[4, 2] = 200  # a class that is certain
p = special.softmax(logits.astype(np.float64), axis=1)
scores = []
for part in range(4):
    q = p[83 * part // 4:83 * (part + 1) // 4]
    scores.append(np.exp(np.mean([stats.entropy(row, q.mean(0)) for row in q])))
arrays |= {"logits": logits, "is": np.array([np.mean(scores), np.std(scores)])}

counts = np.array([100, 150, 220, 300, 400])
distances = np.array([5.1, 4.2, 3.9, 3.4, 3.3])
line = stats.linregress(1 / counts, distances)
arrays |= {"fit.n": counts, "fit.distance": distances, "fit": np.array([line.intercept, line.intercept_stderr])}


def picture(width, height):
    """Smooth, with edges; few colours, so that the file stays small."""
    j, i = np.meshgrid(np.arange(width), np.arange(height))
    channels = [127 + 80 * np.sin(i / 17 + c) * np.cos(j / (9 + c)) + 40 * ((i // 23 + j // 31) % 2) for c in range(3)]
    return np.clip(np.stack(channels, -1) // 8 * 8, 0, 255).astype(np.uint8)


def maps(a, b):
    """Luminance, and contrast with structure, at each place of the window."""
    t = np.arange(-5, 6)
    g = np.exp(-(t[:, None] ** 2 + t[None, :] ** 2) / (2 * 1.5**2))
    g /= g.sum()

    def mean(v):
        return ndimage.correlate(v, g, mode="constant")[5:-5, 5:-5]

    ma, mb = mean(a), mean(b)
    va, vb, vab = mean(a * a) - ma**2, mean(b * b) - mb**2, mean(a * b) - ma * mb
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return (2 * ma * mb + c1) / (ma**2 + mb**2 + c1), (2 * vab + c2) / (va + vb + c2)


def halved(v):
    v = np.pad(v, [(0, v.shape[0] % 2), (0, v.shape[1] % 2)], mode="edge")
    return v.reshape(v.shape[0] // 2, 2, v.shape[1] // 2, 2).mean((1, 3))


def ssim(a, b):
    return np.mean([(np.multiply(*maps(a[..., c], b[..., c]))).mean() for c in range(3)])


def ms_ssim(a, b):
    values = []
    for c in range(3):
        u, v, value = a[..., c], b[..., c], 1
        for weight in (0.0448, 0.2856, 0.3001, 0.2363):
            value *= maps(u, v)[1].mean() ** weight
            u, v = halved(u), halved(v)
        values.append(value * np.multiply(*maps(u, v)).mean() ** 0.1333)
    return np.mean(values)


a = picture(181, 166)
b = ndimage.gaussian_filter(a.astype(float), (2, 2, 0))
b = (np.clip(b * 0.9 + 20 + rng.normal(size=b.shape) * 3, 0, 255) // 8 * 8).astype(np.uint8)
fa, fb = a.astype(float), b.astype(float)
arrays |= {"a": a, "b": b, "ssim": np.array([ssim(fa, fb), ms_ssim(fa, fb)]), "mse": ((fa - fb) ** 2).mean()}
for name, value in arrays.items():
    if np.size(value) <= 5:
        print(name, value)
np.savez_compressed("metrics.npz", **{k: np.asarray(v) for k, v in arrays.items()})
