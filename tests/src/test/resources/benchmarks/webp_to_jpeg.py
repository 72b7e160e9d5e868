"""Re-encodes the WebPs of a directory as JPEG, quality 90, into another. Prints the number."""
import os
import sys

from PIL import Image

count = 0
for name in sorted(os.listdir(sys.argv[1])):
    image = Image.open(os.path.join(sys.argv[1], name)).convert("RGB")
    image.save(os.path.join(sys.argv[2], name.replace(".webp", ".jpg")), quality=90)
    count += 1
print(count, flush=True)
