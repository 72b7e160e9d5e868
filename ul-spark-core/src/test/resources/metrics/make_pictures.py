"""Writes pictures-stored.npz and pictures-deflated.npz: seven 4 x 4 pictures, byte k of all of them being k * 7 mod 256."""
import os

import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
arr_0 = (np.arange(7 * 4 * 4 * 3) * 7 % 256).astype(np.uint8).reshape(7, 4, 4, 3)
np.savez(os.path.join(here, "pictures-stored.npz"), arr_0, np.arange(7))
np.savez_compressed(os.path.join(here, "pictures-deflated.npz"), arr_0, np.arange(7))
