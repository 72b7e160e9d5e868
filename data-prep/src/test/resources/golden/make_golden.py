#!/usr/bin/python3
"""Makes the golden pictures of PictureTransformTest with Pillow (9.4.0 was used): <name>-in.png, <name>-out-<side>.png
and <name>-out-<height>x<width>.png."""
import random
import sys
from PIL import Image

CASES = [  # name, width, height, side
    ("odd", 157, 101, 32),
    ("halved-twice", 211, 133, 32),
    ("portrait", 61, 97, 40),
    ("enlarged", 23, 17, 48),
    ("exact", 32, 32, 32),
    ("twice", 64, 70, 32),
    ("half-to-even", 65, 52, 40),
]
RECTANGLES = [  # name, height, width
    ("odd", 48, 20),
    ("halved-twice", 24, 40),
    ("portrait", 80, 30),
    ("enlarged", 20, 50),
]


def picture(width, height, seed):
    """Edges, a gradient and noise: what tells filters and roundings apart."""
    rng = random.Random(seed)
    image = Image.new("RGB", (width, height))
    for y in range(height):
        for x in range(width):
            if (x // 7 + y // 5) % 3 == 0:
                value = (255, 255, 255) if x % 2 else (0, 0, 0)
            elif (x + y) % 11 < 3:
                value = tuple(rng.randrange(256) for _ in range(3))
            else:
                value = (x * 255 // width, y * 255 // height, (x * y) % 256)
            image.putpixel((x, y), value)
    return image


def centre_crop(image, height, width):
    """Halve by box while both sides are at least twice the target's, resize bicubically to cover it, crop the middle."""
    while image.height >= 2 * height and image.width >= 2 * width:
        image = image.resize((image.width // 2, image.height // 2), Image.BOX)
    scale = max(height / image.height, width / image.width)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.BICUBIC)
    left = (image.width - width) // 2
    top = (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


def main(directory):
    for number, (name, width, height, side) in enumerate(CASES):
        image = picture(width, height, number)
        image.save(f"{directory}/{name}-in.png")
        centre_crop(image, side, side).save(f"{directory}/{name}-out-{side}.png")
        for rectangle, high, wide in RECTANGLES:
            if rectangle == name:
                centre_crop(image, high, wide).save(f"{directory}/{name}-out-{high}x{wide}.png")


main(sys.argv[1] if len(sys.argv) > 1 else ".")
