"""What PictureBenchmark measures of Pillow: decode, centre crop of ADM, PNG. Commands: a PNG level, a tab, a directory."""
import io
import os
import sys
import time

import PIL
from PIL import Image, features

SIDE = 512


def centre_crop(image):
    while min(image.size) >= 2 * SIDE:
        image = image.resize((image.width // 2, image.height // 2), Image.BOX)
    scale = SIDE / min(image.size)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.BICUBIC)
    left = (image.width - SIDE) // 2
    top = (image.height - SIDE) // 2
    return image.crop((left, top, left + SIDE, top + SIDE))


def picture(data, level):
    png = io.BytesIO()
    centre_crop(Image.open(io.BytesIO(data)).convert("RGB")).save(png, "PNG", compress_level=level)
    return png.getvalue()


def rgb_digest(png):
    import hashlib
    return hashlib.sha256(Image.open(io.BytesIO(png)).tobytes()).hexdigest()


print(f"{PIL.__version__}, libjpeg-turbo {features.version('libjpeg_turbo')}, zlib {features.version('zlib')}", flush=True)
for line in sys.stdin:
    level, directory = line.rstrip("\n").split("\t")
    files = []
    for name in sorted(os.listdir(directory)):
        with open(os.path.join(directory, name), "rb") as file:
            files.append(file.read())
    if level == "digests":
        print(" ".join(rgb_digest(picture(data, 1)) for data in files), flush=True)
        continue
    wall = time.perf_counter()
    cpu = time.process_time()
    size = sum(len(picture(data, int(level))) for data in files)
    print(time.perf_counter() - wall, time.process_time() - cpu, size, flush=True)
