"""Any drawing, scan or photo of one digit -> the 28x28 image that MNIST would have made of it.

Four pure steps, each usable alone; `normalize` is all four. Nothing here recognises a digit: two
in one picture are one wide digit, and the lines of ruled paper are ink.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vae_model.preprocessing.digits import Found, find_digits
from vae_model.preprocessing.frame import crop_digit, place
from vae_model.preprocessing.ink import find_ink
from vae_model.preprocessing.picture import BadImage, EmptyDrawing, Floats, open_image, to_grey

__all__ = ["BadImage", "EmptyDrawing", "normalize", "open_image"]
__all__ += ["Found", "find_digits"]
__all__ += ["crop_digit", "find_ink", "place", "to_grey"]


def normalize(image: NDArray[np.uint8] | Image.Image) -> Floats:
    """One digit in a drawing, scan or photo as float32 (28, 28) in [0, 1], ink bright on 0.

    image is uint8 (h, w) grey, (h, w, 2) grey and alpha, (h, w, 3) RGB or (h, w, 4) RGBA, or a PIL
    image; its ink may be darker or lighter than its ground.
    Raises EmptyDrawing where nothing or next to nothing is drawn, BadImage for anything else that
    is no readable image.
    """
    return max(find_digits(image), key=lambda found: found.size).image
