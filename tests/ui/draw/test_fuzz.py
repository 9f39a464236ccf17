"""Damaged files and forged drawings end in a reading or in a friendly line."""

import pytest

from tests.support import fuzz
from ui.draw import photo
from vae_model.engine.digit_engine import DigitEngine


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_no_damaged_file_and_no_forged_drawing_raises_anything_else() -> None:
    outcomes, exceptions = fuzz.run(DigitEngine.load(fuzz.CHECKPOINT), files=300, payloads=100)
    assert exceptions == []
    assert outcomes["file: read"] and outcomes["payload: read"]
    assert sum(outcomes.values()) == 400


def test_every_whole_picture_is_readable() -> None:
    for data in fuzz.pictures():
        digit = photo.read(data).digit
        assert digit is not None and digit.image.max() > 0.5
