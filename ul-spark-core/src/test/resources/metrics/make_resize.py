#!/usr/bin/python3
"""Makes the golden file of ResizeTest with Pillow, PyTorch and NumPy (9.4.0, 1.13.1 and 1.24.2 were used)."""
import numpy as np
import torch
from PIL import Image

FOLDER = "../../../../../deploy/quickstart-pictures/"
PICTURES = {  # name: file, box, side after resizing
    "up": ("nasa-solar-system/nasa-pia12713.jpg", (70, 49, 129, 92), 75),
    "down": ("nasa-deep-space/nasa-pia23646.jpg", (0, 0, 131, 118), 37),
    "mixed": ("nmk-korean-metalcraft/nmk-378.png", (266, 175, 297, 276), 48),
    "same": ("met-seascape/met-11321.jpg", (60, 60, 93, 101), 33),  # 33 across: this pass is left out
    "one": ("met-seascape/met-11321.jpg", (60, 60, 61, 61), 3),
}


def tf1(x, side):
    """resize_bilinear of TensorFlow 1, half_pixel_centers=False: scaler and interpolation in float32."""

    def axis(length):
        at = np.arange(side, dtype=np.float32) * (np.float32(length) / np.float32(side))
        low = np.floor(at).astype(int)
        return low, np.minimum(low + 1, length - 1), at - low.astype(np.float32)

    top, bottom, dy = axis(x.shape[0])
    left, right, dx = axis(x.shape[1])
    dy, dx = dy[:, None, None], dx[None, :, None]
    upper = x[top][:, left] + (x[top][:, right] - x[top][:, left]) * dx
    lower = x[bottom][:, left] + (x[bottom][:, right] - x[bottom][:, left]) * dx
    return upper + (lower - upper) * dy


def pillow(x, side):
    return np.stack([np.asarray(Image.fromarray(x[..., c]).resize((side, side), Image.BICUBIC)) for c in range(3)], -1)


def pytorch(x, side):
    planes = torch.from_numpy(x).permute(2, 0, 1)[None].contiguous()
    return torch.nn.functional.interpolate(planes, (side, side), mode="bilinear")[0].permute(1, 2, 0).numpy()


arrays = {}
for name, (file, box, side) in PICTURES.items():
    picture = np.asarray(Image.open(FOLDER + file).convert("RGB").crop(box))
    arrays[name] = picture
    for chain, function in {"tf1-bilinear": tf1, "pillow-bicubic": pillow, "torch-bilinear": pytorch}.items():
        planes = function(picture.astype(np.float32), side).transpose(2, 0, 1)
        assert planes.dtype == np.float32
        print(name, chain, picture.shape, planes.min(), planes.max())
        arrays[name + "/" + chain] = np.ascontiguousarray(planes)
        if chain == "pillow-bicubic":
            arrays[name + "/" + chain + "-uint8"] = np.rint(np.clip(planes, 0, 255)).astype(np.uint8)
np.savez_compressed("resize.npz", **arrays)
