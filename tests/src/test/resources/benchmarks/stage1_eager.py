"""The stage-1 training step in eager PyTorch: the yardstick of TrainStepBenchmark.

Same networks, sizes, loss and random numbers as io.unifiedlatents.core, written as one writes PyTorch. Reads commands
from standard input, one a line, and answers each with one line:

    check <norm>                          runs networks and step once, writes the results beside the inputs
    time <norm> <layout> <dtype> <steps>  seconds of so many steps; layout: contiguous | channels_last

Arguments: the directory with the inputs, the number of threads. Needs torch 1.13 or later with an optimised BLAS, as
Debian's python3-torch and libopenblas0-pthread.
"""

import json
import math
import pathlib
import sys
import time

import numpy
import torch
import torch.nn.functional as F
from torch import nn


FORMATS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def norm_layer(kind, channels):
    if kind == "group":
        return GroupNorm(max(g for g in range(1, 33) if channels % g == 0), channels)
    return ChannelNorm(channels)


class LayerNorm(nn.LayerNorm):
    """Torch 1.13 wants gain and bias in the dtype that autocast gave the input."""

    def forward(self, x):
        return F.layer_norm(x, self.normalized_shape, self.weight.to(x.dtype), self.bias.to(x.dtype), self.eps)


class GroupNorm(nn.GroupNorm):
    def forward(self, x):
        return F.group_norm(x, self.num_groups, self.weight.to(x.dtype), self.bias.to(x.dtype), self.eps)


class ChannelNorm(LayerNorm):
    """Layer norm over the channels of each position of [B, C, H, W]."""

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def conv3(channels, out):
    return nn.Conv2d(channels, out, 3, padding=1)


def tokens(x):
    return x.permute(0, 2, 3, 1).flatten(1, 2)  # [B, C, h, w] -> [B, h*w, C]


def picture(x, side):
    return x.unflatten(1, (side, side)).permute(0, 3, 1, 2)


class LogSnrEmbedding(nn.ModuleDict):
    def __init__(self, width):
        super().__init__({"in": nn.Linear(64, width), "out": nn.Linear(width, width)})
        self.frequencies = 0.1 * torch.exp(torch.arange(32) * (math.log(10 / 0.1) / 31))

    def forward(self, log_snr):
        angles = log_snr[:, None] * self.frequencies
        features = torch.cat([angles.cos(), angles.sin()], 1)
        return F.silu(self["out"](F.silu(self["in"](features))))


class ResBlock(nn.Module):
    def __init__(self, channels, out, norm, condition=None):
        super().__init__()
        self.norm1 = norm_layer(norm, channels)
        self.conv1 = conv3(channels, out)
        self.norm2 = norm_layer(norm, out)
        if condition:
            self.film = nn.Linear(condition, 2 * out)
        self.conv2 = conv3(out, out)
        if channels != out:
            self.shortcut = nn.Conv2d(channels, out, 1)

    def forward(self, x, condition=None):
        h = self.norm2(self.conv1(F.silu(self.norm1(x))))
        if condition is not None:
            scale, shift = self.film(condition)[:, :, None, None].chunk(2, 1)
            h = h * (scale + 1) + shift
        h = self.conv2(F.silu(h))
        return (self.shortcut(x) if hasattr(self, "shortcut") else x) + h


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.normQ = LayerNorm(width // heads)
        self.normK = LayerNorm(width // heads)
        self.out = nn.Linear(width, width)

    def forward(self, x):
        q, k, v = self.qkv(x).unflatten(2, (3, self.heads, -1)).unbind(2)  # [B, T, heads, d]
        q, k, v = self.normQ(q).transpose(1, 2), self.normK(k).transpose(1, 2), v.transpose(1, 2)
        weights = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(q.shape[-1]), -1)
        return self.out((weights @ v).transpose(1, 2).flatten(2))


class TransformerBlock(nn.Module):
    def __init__(self, width, heads, condition):
        super().__init__()
        self.modulation = nn.Linear(condition, 6 * width)
        self.norm1 = LayerNorm(width)
        self.attention = Attention(width, heads)
        self.norm2 = LayerNorm(width)
        self.mlp = nn.ModuleDict({"in": nn.Linear(width, 4 * width), "out": nn.Linear(4 * width, width)})

    def forward(self, x, condition):
        m = self.modulation(condition)[:, None].chunk(6, 2)
        h = self.norm1(x) * (m[0] + 1) + m[1]
        x = x + self.attention(h) * m[2]
        h = self.norm2(x) * (m[3] + 1) + m[4]
        return x + self.mlp["out"](F.gelu(self.mlp["in"](h))) * m[5]


class Encoder(nn.ModuleDict):
    def __init__(self, c, norm):
        super().__init__()
        self.patch = c["patch"]
        widths = c["channels"]
        self["in"] = conv3(3 * self.patch**2, widths[0])
        self["stage"] = nn.ModuleList()
        for i, (width, blocks) in enumerate(zip(widths, c["blocks"])):
            stage = nn.ModuleDict()
            if i > 0:
                stage["down"] = nn.Conv2d(widths[i - 1], width, 1)
            for block in range(blocks):
                stage[str(block)] = ResBlock(width, width, norm)
            self["stage"].append(stage)
        self["norm"] = norm_layer(norm, widths[-1])
        self["out"] = conv3(widths[-1], c["latentChannels"])

    def forward(self, pixels):
        x = self["in"](F.pixel_unshuffle(pixels, self.patch))
        for stage in self["stage"]:
            for name, layer in stage.items():
                x = layer(F.avg_pool2d(x, 2) if name == "down" else x)
        return self["out"](F.silu(self["norm"](x))).float()


class Prior(nn.ModuleDict):
    def __init__(self, c, channels, side):
        super().__init__()
        width = c["width"]
        self["logSnr"] = LogSnrEmbedding(width)
        self["in"] = nn.Linear(channels, width)
        self.position = nn.Parameter(torch.zeros(1, side * side, width))
        self["block"] = nn.ModuleList(TransformerBlock(width, c["heads"], width) for _ in range(c["blocks"]))
        self["norm"] = LayerNorm(width)
        self["out"] = nn.Linear(width, channels)

    def forward(self, noisy, log_snr):
        condition = self["logSnr"](log_snr)
        x = self["in"](tokens(noisy)) + self.position
        for block in self["block"]:
            x = block(x, condition)
        return picture(self["out"](self["norm"](x)).float(), noisy.shape[2])


class Middle(nn.Module):
    def __init__(self, c, channels, side):
        super().__init__()
        width = c["middleWidth"]
        self.latent = nn.Linear(channels, width)
        self.position = nn.Parameter(torch.zeros(1, side * side, width))
        self.block = nn.ModuleList(TransformerBlock(width, c["heads"], width) for _ in range(c["middleBlocks"]))

    def forward(self, x, z0, condition):
        h = tokens(x) + self.latent(tokens(z0)) + self.position
        for block in self.block:
            h = block(h, condition)
        return picture(h, x.shape[2])


class Decoder(nn.ModuleDict):
    def __init__(self, c, norm, channels, side):
        super().__init__()
        self.patch = c["patch"]
        widths, blocks, condition = c["channels"], c["blocks"], c["middleWidth"]
        folded = 3 * self.patch**2
        self["logSnr"] = LogSnrEmbedding(condition)
        self["in"] = conv3(folded, widths[0])
        self["down"] = nn.ModuleList()
        self["up"] = nn.ModuleList()
        for width, count, below in zip(widths, blocks, widths[1:] + [condition]):
            down = {str(b): ResBlock(width, width, norm, condition) for b in range(count)}
            up = {str(b): ResBlock(width, width, norm, condition) for b in range(count)}
            self["down"].append(nn.ModuleDict({**down, "halved": nn.Conv2d(width, below, 1)}))
            self["up"].append(nn.ModuleDict({"doubled": nn.Conv2d(below, width, 1), **up}))
        self["middle"] = Middle(c, channels, side)
        self["norm"] = norm_layer(norm, widths[0])
        self["out"] = conv3(widths[0], folded)

    def forward(self, noisy, z0, log_snr):
        condition = self["logSnr"](log_snr)
        x = self["in"](F.pixel_unshuffle(noisy, self.patch))
        before, after = [], []
        for level in self["down"]:
            for name, layer in level.items():
                if name == "halved":
                    before.append(x)
                    x = layer(F.avg_pool2d(x, 2))
                    after.append(x)
                else:
                    x = layer(x, condition)
        x = self["middle"](x, z0, condition)
        for level in reversed(self["up"]):
            for name, layer in level.items():
                if name == "doubled":
                    x = F.interpolate(layer(x - after.pop()), scale_factor=2.0, mode="nearest") + before.pop()
                else:
                    x = layer(x, condition)
        return F.pixel_shuffle(self["out"](F.silu(self["norm"](x))).float(), self.patch)


class Stage1(nn.Module):
    """Encoder, prior and decoder with the loss of Unified Latents, Algorithm 1."""

    def __init__(self, config, norm):
        super().__init__()
        self.config = config
        channels, side = config["encoder"]["latentChannels"], config["latentSide"]
        self.encoder = Encoder(config["encoder"], norm)
        self.prior = Prior(config["prior"], channels, side)
        self.decoder = Decoder(config["decoder"], norm, channels, side)

    def forward(self, pixels, coefficients, scalars, seed, memory_format):
        c = self.config
        generator = torch.Generator().manual_seed(seed)

        def noise_like(x):
            shape = x.permute(0, 2, 3, 1).shape
            return torch.randn(shape, generator=generator).permute(0, 3, 1, 2).contiguous(memory_format=memory_format)

        def noisy_and_velocity(x, noise, rows):
            alpha, sigma = rows[:, 0, None, None, None], rows[:, 1, None, None, None]
            return alpha * x + sigma * noise, alpha * noise - sigma * x

        def loss(velocity, predicted, rows):
            return (velocity - predicted).square().sum((1, 2, 3)) * rows[:, 3]

        x = (pixels.permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(memory_format=memory_format)
        z = self.encoder(x)
        rows = coefficients[:, :4]
        z_prior = z.detach() + (z - z.detach()) * scalars[1]
        z_t, velocity = noisy_and_velocity(z_prior, noise_like(z), rows)
        alpha2 = 1 / (1 + math.exp(-c["latentMinLogSnr"]))
        sigma2 = 1 - alpha2
        terminal = 0.5 * (alpha2 * z_prior.square() + sigma2 - math.log(sigma2) - 1).sum((1, 2, 3))
        lz = loss(velocity, self.prior(z_t, rows[:, 2]), rows) + terminal
        z0 = c["alpha0"] * z + c["sigma0"] * noise_like(z)
        rows = coefficients[:, 4:]
        x_t, velocity = noisy_and_velocity(x, noise_like(x), rows)
        lx = loss(velocity, self.decoder(x_t, z0, rows[:, 2]), rows)
        bits = 1 / (c["resolution"] ** 2 * math.log(2))
        terms = torch.stack([(lz + lx) * bits, lz * bits, lx * bits, z.square().mean((1, 2, 3))], 1)
        return terms[:, 0].sum() * scalars[0], terms.detach()


class Bench:
    def __init__(self, directory):
        self.directory = directory
        self.config = json.loads((directory / "config.json").read_text())
        self.shapes = [(line.split()[0], [int(n) for n in line.split()[1:]])
                       for line in (directory / "layout.txt").read_text().splitlines()]
        side, channels = self.config["latentSide"], self.config["encoder"]["latentChannels"]
        size = self.config["resolution"]
        self.pixels = self.read("pixels", [-1, size, size, 3], "uint8")
        self.coefficients = self.read("coefficients", [-1, 8])
        self.scalars = self.read("scalars", [2])
        self.latent = self.read("latent", [-1, channels, side, side])
        self.noisy = self.read("noisy", [-1, 3, size, size])
        self.models = {}

    def read(self, name, shape, dtype="<f4"):
        return torch.from_numpy(numpy.fromfile(self.directory / f"{name}.bin", dtype)).reshape(shape)

    def write(self, name, tensor):
        tensor.detach().contiguous().numpy().tofile(self.directory / f"{name}.bin")

    def parameters(self, model):
        """Our layout's names and shapes beside the parameters of the eager network, in the order of the layout."""
        own = dict(model.named_parameters())
        for name, shape in self.shapes:
            key = name.replace(".gain", ".weight").replace(".half.", ".halved.").replace(".double.", ".doubled.")
            yield own.pop(key), shape
        assert not own, f"parameters that the layout lacks: {list(own)}"

    def model(self, norm, layout):
        if (norm, layout) not in self.models:
            model = Stage1(self.config, norm)
            flat = self.read("parameters", [-1])
            at = 0
            with torch.no_grad():
                for parameter, shape in self.parameters(model):
                    values = flat[at:at + parameter.numel()].reshape(shape)
                    at += parameter.numel()
                    parameter.copy_(values.permute(0, 3, 1, 2) if len(shape) == 4 else values)
            assert at == flat.numel(), f"{at} parameters here, {flat.numel()} in the layout"
            self.models[norm, layout] = model.to(memory_format=FORMATS[layout])
        return self.models[norm, layout]

    def step(self, model, layout, dtype="fp32"):
        with torch.autocast("cpu", torch.bfloat16, enabled=dtype == "bf16"):
            loss, terms = model(self.pixels, self.coefficients, self.scalars, self.config["noiseSeed"], FORMATS[layout])
        loss.backward()
        return terms

    def check(self, norm):
        model = self.model(norm, "contiguous")
        model.zero_grad()
        self.write("terms", self.step(model, "contiguous"))
        gradients = [parameter.grad.permute(0, 2, 3, 1).reshape(-1) if len(shape) == 4 else parameter.grad.reshape(-1)
                     for parameter, shape in self.parameters(model)]
        self.write("gradient", torch.cat(gradients))
        with torch.no_grad():
            pixels = (self.pixels.permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous()
            self.write("encoder", model.encoder(pixels))
            self.write("prior", model.prior(self.latent, self.coefficients[:, 2]))
            self.write("decoder", model.decoder(self.noisy, self.latent, self.coefficients[:, 6]))
        return sum(parameter.numel() for parameter in model.parameters())

    def time(self, norm, layout, dtype, steps):
        model = self.model(norm, layout)
        begin = time.perf_counter()
        for _ in range(int(steps)):
            self.step(model, layout, dtype)
        return time.perf_counter() - begin


def matmul_gflops(size=1024, repetitions=10):
    """What BLAS gives: some two hundred for two cores, a few where only the reference BLAS is installed."""
    a = torch.rand(size, size)
    a @ a
    begin = time.perf_counter()
    for _ in range(repetitions):
        a @ a
    return 2e-9 * size**3 * repetitions / (time.perf_counter() - begin)


def main():
    torch.set_num_threads(int(sys.argv[2]))
    bench = Bench(pathlib.Path(sys.argv[1]))
    print(f"{torch.__version__}, float32 matrix products at {matmul_gflops():.0f} GFLOP/s", flush=True)
    for line in sys.stdin:
        command, *arguments = line.split()
        print(getattr(bench, command)(*arguments), flush=True)


if __name__ == "__main__":
    main()
