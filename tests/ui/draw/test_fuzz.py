"""Damaged files and forged drawings end in a reading or in a friendly line."""

import pytest

from tests.support import fuzz
from vae_model.engine.digit_engine import DigitEngine


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_no_damaged_file_and_no_forged_drawing_raises_anything_else() -> None:
    outcomes, exceptions = fuzz.run(DigitEngine.load(fuzz.CHECKPOINT), files=300, payloads=100)
    assert exceptions == []
    assert outcomes["file: read"] and outcomes["payload: read"]
    assert sum(outcomes.values()) == 400
