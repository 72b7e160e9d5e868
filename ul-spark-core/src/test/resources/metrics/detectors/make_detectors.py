#!/usr/bin/python3
"""Makes the small networks of DetectorTest, called as published detectors are, and what they return for some pictures.

With PyTorch and NumPy (1.13.1 and 1.24.2 were used). Features are whole numbers below 2^24 where nothing else is said,
so that every machine computes them exactly.
"""
import io
import zipfile

import numpy as np
import torch
from torch import Tensor, nn


def mixed(channels: int, outputs: int) -> Tensor:
    """Small whole weights, all rows different."""
    return torch.arange(channels * outputs).reshape(outputs, channels).mul(7).remainder(11).sub(5).float()


class Plain(nn.Module):
    """Sums over the picture, weighted."""

    def __init__(self):
        super().__init__()
        self.register_buffer("weight", mixed(3, 5))

    def forward(self, pictures):
        assert pictures.dtype == torch.uint8
        return pictures.sum([2, 3]).float() @ self.weight.t()


class Floats(nn.Module):
    """As a network behind a resize: the largest and smallest value of each channel."""

    def forward(self, pictures):
        assert pictures.dtype == torch.float32
        return torch.cat([pictures.amax([2, 3]), pictures.amin([2, 3])], 1)


class Spatial(nn.Module):
    """Features, logits, and spatial features of 8 channels."""

    def forward(self, pictures):
        x = pictures.float()
        sums = x.sum([2, 3])
        spatial = torch.stack([x[:, c % 3] + 1000 * c for c in range(8)], 1)
        return sums, 2 * sums, spatial


class Part(nn.Module):
    def forward(self, x):
        return x.sum([2, 3])


class Inception(nn.Module):
    """Called as inception-2015-12-05.pt is; its classes are so unlike that the probability of some is 0."""

    def __init__(self):
        super().__init__()
        self.part = Part()
        self.register_buffer("weight", mixed(3, 6))

    def forward(self, img, return_features: bool = False, use_fp16: bool = False, no_output_bias: bool = False):
        assert not use_fp16
        features = self.part(img.to(torch.float32))
        if return_features:
            return features
        logits = features @ self.weight.t() / 1024
        if not no_output_bias:
            logits = logits + 1
        return torch.softmax(logits, dim=1)


class I3d(nn.Module):
    """Called as i3d_torchscript.pt is: sums of each channel in each of nine frames, scaled where asked for."""

    def forward(self, x, rescale: bool = False, resize: bool = False, return_features: bool = False):
        features = x[:, :, :9].sum([3, 4]).flatten(1)
        if rescale:
            features = features * 2
        if resize:
            features = features + 1
        if not return_features:
            features = torch.softmax(features, dim=1)
        return features


class Pair(nn.Module):
    """Mean squared difference of pictures in [-1, 1], rounded to float32."""

    def forward(self, a, b):
        assert a.min() >= -1 and a.max() <= 1
        return ((a - b) ** 2).mean([1, 2, 3], keepdim=True)


class Vgg16(nn.Module):
    """Called as vgg16.pt is; rounded to float32."""

    def forward(self, img, resize_images: bool = True, return_features: bool = False, return_lpips: bool = False):
        assert return_lpips and not resize_images and not return_features
        return img.mean([2]).flatten(1) / 256


class NotFinite(nn.Module):
    """Divides by the sum of the picture; its author calls the network s."""

    def forward(s, pictures):
        return 1 / pictures.sum([2, 3]).float()


class Unknown(nn.Module):
    def forward(self, pictures, size: int = 3):
        return pictures.sum([2, 3]).float() * size


class Convolutions(nn.Module):
    """Random, with residuals and batch norms as ResNet has them; saved in training mode, with dropout."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.stem = nn.Conv2d(3, 16, 7, 2, 3)
        self.norms = nn.ModuleList([nn.BatchNorm2d(16) for _ in range(3)])
        self.convs = nn.ModuleList([nn.Conv2d(16, 16, 3, 1, 1) for _ in range(3)])
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(16, 24)

    def forward(self, pictures):
        x = self.stem(pictures.float() / 255)
        for conv, norm in zip(self.convs, self.norms):
            x = torch.relu(x + norm(conv(x)))
        return self.head(self.drop(x.mean([2, 3])))



class Stream:
    """A file without seek: zipfile then puts sizes behind stored entries, as PyTorch does."""

    def __init__(self, file):
        self.write, self.flush = file.write, file.flush


def save(script, name: str):
    """Without the places in this file that each operation comes from."""
    buffer = io.BytesIO()
    torch.jit.save(script, buffer)
    with zipfile.ZipFile(buffer) as saved, open(name + ".pt", "wb") as out, zipfile.ZipFile(Stream(out), "w") as file:
        for entry in saved.namelist():
            if not entry.endswith(".debug_pkl"):
                file.writestr(zipfile.ZipInfo(entry), saved.read(entry))


networks = {
    "plain": Plain(), "floats": Floats(), "spatial": Spatial(), "inception": Inception(), "i3d": I3d(),
    "pair": Pair(), "vgg16": Vgg16(), "notfinite": NotFinite(), "unknown": Unknown(), "convolutions": Convolutions(),
}
scripts = {name: torch.jit.script(network) for name, network in networks.items()}
for name, script in scripts.items():
    save(script, name)
save(torch.jit.trace(Plain(), torch.zeros(1, 3, 4, 4, dtype=torch.uint8)), "traced")

rng = np.random.default_rng(1)
pictures = rng.integers(0, 256, (7, 12, 10, 3), dtype=np.uint8)
clips = rng.integers(0, 256, (3, 10, 6, 8, 3), dtype=np.uint8)
x = torch.from_numpy(pictures).permute(0, 3, 1, 2)
v = torch.from_numpy(clips).permute(0, 4, 1, 2, 3).float()
convolutions = scripts["convolutions"].eval()
with torch.no_grad():
    returned = {
        "plain": scripts["plain"](x),
        "spatial": scripts["spatial"](x)[2][:, :7].permute(0, 2, 3, 1).flatten(1),
        "inception": scripts["inception"](x, return_features=True),
        "probabilities": scripts["inception"](x, no_output_bias=True),
        "i3d": scripts["i3d"](v, rescale=True, resize=True, return_features=True),
        "convolutions": convolutions(x),
        "pair": scripts["pair"](x[:3].float() / 127.5 - 1, x[3:6].float() / 127.5 - 1).flatten(),
        "vgg16": (scripts["vgg16"](x[:3].float(), False, False, True).double()
                  - scripts["vgg16"](x[3:6].float(), False, False, True).double()).square().sum(1),
    }
arrays = {"pictures": pictures, "clips": clips} | {name: array.numpy() for name, array in returned.items()}
np.savez_compressed("detectors.npz", **arrays)
