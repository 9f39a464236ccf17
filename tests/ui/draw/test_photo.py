"""Pictures of a digit, as they come and step by step."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from ui.draw import photo

SEVEN = np.full((300, 200, 3), 220, np.uint8)
SEVEN[50:70, 50:150] = SEVEN[50:250, 130:150] = 30
COLOUR = Image.fromarray(SEVEN)
GREY = COLOUR.convert("L")


@pytest.mark.parametrize(
    ("picture", "kind", "preview"),
    [
        (COLOUR, "JPEG", "jpeg"),
        (COLOUR.convert("CMYK"), "JPEG", "jpeg"),
        (COLOUR.convert("P"), "GIF", "jpeg"),
        (COLOUR.convert("1"), "BMP", "jpeg"),
        (COLOUR, "WEBP", "jpeg"),
        (COLOUR.convert("RGBA"), "PNG", "png"),
        (GREY.convert("LA"), "PNG", "png"),
        (Image.fromarray(np.asarray(GREY).astype(np.uint16) * 257), "PNG", "jpeg"),
    ],
)
def test_the_steps_end_in_what_the_network_sees(
    picture: Image.Image, kind: str, preview: str
) -> None:
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    found = photo.read(buffer.getvalue())
    assert found.image.shape == (28, 28) and found.image.max() > 0.5
    assert [step.name for step in found.steps] == ["Found", "Cropped", "Centred"]
    assert ["ink" in step.look for step in found.steps] == [False, False, True]
    assert all(step.url.startswith("data:image/") for step in found.steps)
    cut = Image.open(io.BytesIO(base64.b64decode(found.steps[1].url.partition(",")[2])))
    assert cut.width < 180 and cut.height < 280
    assert found.preview.startswith(f"data:image/{preview};")


def test_of_several_digits_the_largest_is_read_and_the_rest_counted() -> None:
    pair = np.concatenate([SEVEN, SEVEN[::-1]], axis=1)
    pair[:, 100:130] = 220
    buffer = io.BytesIO()
    Image.fromarray(pair).save(buffer, "PNG")
    assert "2 digits" in photo.read(buffer.getvalue()).steps[0].note
