"""Any drawing, scan or photo -> the 28x28 images that MNIST would have made of its digits.

`find_digits` gives all of them, `find_digit` the one in a box, `normalize` the largest. Nothing
here recognises a digit: ink is told from sheets, lines, frames and shadows by its form alone, and
so are two digits that touch in a single stroke, where there may be several.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vae_model.preprocessing.digits import Box, Found, find_digit, find_digits, find_largest
from vae_model.preprocessing.frame import crop_digit, place
from vae_model.preprocessing.ink import find_ink
from vae_model.preprocessing.picture import (
    BadImage,
    EmptyDrawing,
    Floats,
    flat,
    open_image,
)

__all__ = ["BadImage", "EmptyDrawing", "normalize", "open_image"]
__all__ += ["Box", "Found", "find_digit", "find_digits", "find_largest"]
__all__ += ["crop_digit", "find_ink", "flat", "place"]


def normalize(image: NDArray[np.uint8] | Image.Image) -> Floats:
    """One digit in a drawing, scan or photo as float32 (28, 28) in [0, 1], ink bright on 0.

    image is as `find_digits` takes it; its ink may be darker or lighter than its ground. Raises
    EmptyDrawing where nothing or next to nothing is drawn, BadImage where it is no readable image.
    """
    return find_largest(image).image
