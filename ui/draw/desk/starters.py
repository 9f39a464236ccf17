"""Ten real digits, 0 to 9, for those who cannot or do not want to draw.

From MNIST's test images, so that no model has learnt from them; chosen to differ in style.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vae_model.model.config import DIGITS, IMAGE_SIZE

with Image.open(Path(__file__).with_name("starters.png")) as strip:
    EXAMPLES: NDArray[np.uint8] = (
        np.asarray(strip.convert("L")).reshape(IMAGE_SIZE, DIGITS, IMAGE_SIZE).transpose(1, 0, 2)
    )
"""(10, 28, 28), ink bright on 0."""
