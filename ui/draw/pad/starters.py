"""Ten real digits, 0 to 9, for those who cannot or do not want to draw.

From MNIST's test images, so that no model has learnt from them; chosen to differ in style.
"""

from pathlib import Path

import numpy as np
from PIL import Image

from vae_model.model.config import DIGITS, IMAGE_SIZE

with Image.open(Path(__file__).with_name("starters.png")) as _strip:
    _side_by_side = np.asarray(_strip.convert("L")).reshape(IMAGE_SIZE, DIGITS, IMAGE_SIZE)
EXAMPLES = _side_by_side.transpose(1, 0, 2)
"""(10, 28, 28) of uint8, ink bright on 0."""
