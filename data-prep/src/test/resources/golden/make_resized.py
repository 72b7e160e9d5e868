#!/usr/bin/python3
"""Makes resized.csv of ResamplerTest with Pillow (9.4.0 was used): SHA-256 of pictures resized by BOX and BICUBIC.

The pictures come from a generator of 32 bits that the test repeats, see picture()."""
import hashlib
from PIL import Image

SIZES = [(1, 1), (2, 3), (5, 1), (7, 9), (16, 16), (31, 33), (64, 48), (97, 61), (100, 75), (101, 203), (256, 192), (333, 250)]
TARGETS = [(1, 1), (3, 2), (8, 5), (16, 16), (32, 31), (50, 37), (64, 64), (99, 61), (128, 96), (200, 151), (211, 410)]


def picture(width, height):
    """Noise on stripes: byte i is the upper 8 bits of a linear congruential generator, or a full or empty one."""
    state = width * 65536 + height
    pixels = bytearray(3 * width * height)
    for i in range(len(pixels)):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        stripe = (i // 7) % 4
        pixels[i] = 255 if stripe == 0 else 0 if stripe == 1 else state >> 24
    return Image.frombytes("RGB", (width, height), bytes(pixels))


with open("resized.csv", "w") as out:
    for size in SIZES:
        image = picture(*size)
        halves = [(size[0] // 2, size[1] // 2), (size[0], max(1, size[1] // 2)), (max(1, size[0] // 3), size[1])]
        for target in TARGETS + [half for half in halves if min(half) > 0]:
            for name, kind in (("BOX", Image.BOX), ("BICUBIC", Image.BICUBIC)):
                digest = hashlib.sha256(image.resize(target, kind).tobytes()).hexdigest()
                out.write(f"{size[0]},{size[1]},{target[0]},{target[1]},{name},{digest}\n")
