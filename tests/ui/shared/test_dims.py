"""What the pages call a model's style dims."""

import pytest

from tests.support.models import random_checkpoint
from ui.shared import dims
from vae_model.engine.digit_engine import DigitEngine
from vae_model.engine.style_names import FEATURES, Trait


def test_dims_that_do_the_same_are_numbered_as_they_are_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nothing = (0.0,) * len(FEATURES)
    measured = [
        Trait(dim, name, "", "", nothing) for dim, name in enumerate(("bend", "", "bend", ""))
    ]
    monkeypatch.setattr(dims, "traits_of", lambda engine: measured)
    monkeypatch.setattr(dims, "style_order", lambda engine: ([2, 1, 3], [0]))
    awake, asleep = dims.style_dims(DigitEngine(random_checkpoint(z_dim=4)))
    assert [each.name for each in awake] == ["bend", "style 2", "style 3"]
    assert [each.name for each in asleep] == ["bend 2"]
