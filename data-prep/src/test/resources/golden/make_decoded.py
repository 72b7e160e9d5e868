#!/usr/bin/python3
"""Makes decoded.csv of PictureDecoderTest with Pillow (9.4.0 with libjpeg-turbo 2.1.5 and libwebp 1.2.4 was used).

Arguments: jars of test pictures. A line: path in the jar, mode, width, height, SHA-256 of the RGB pixels, and the pixels
of an 8 by 8 grid in hex. Transparent pixels lie over white, JPEGs are turned as EXIF says, 16 bits keep their upper 8.
Pictures that Pillow refuses are left out."""
import csv
import hashlib
import io
import sys
import warnings
import zipfile

import numpy
from PIL import Image, ImageOps

warnings.simplefilter("ignore")
Image.MAX_IMAGE_PIXELS = None


def rgb(image):
    if image.format == "JPEG":
        image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        image = Image.fromarray((numpy.asarray(image) >> 8).astype("uint8"))
    if "A" in image.mode or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, (255, 255, 255, 255)), image)
    return image.convert("RGB")


with open("decoded.csv", "w", newline="") as out:
    lines = csv.writer(out, lineterminator="\n")
    for jar in sys.argv[1:]:
        with zipfile.ZipFile(jar) as files:
            for name in sorted(files.namelist()):
                data = files.read(name)
                if data[:3] != b"\xff\xd8\xff" and data[:4] not in (b"\x89PNG", b"RIFF"):
                    continue
                try:
                    image = Image.open(io.BytesIO(data))
                    mode = image.mode
                    image.load()
                    image = rgb(image)
                except Exception:
                    continue
                pixels = numpy.asarray(image)
                height, width = pixels.shape[:2]
                grid = pixels[[height * i // 8 for i in range(8)]][:, [width * i // 8 for i in range(8)]]
                digest = hashlib.sha256(pixels.tobytes()).hexdigest()
                lines.writerow([name, mode, width, height, digest, grid.tobytes().hex() if mode == "CMYK" else ""])
