"""A training and its checkpoint folder."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.support.small_training import QUICK, SMALL
from vae_model.data.mnist import DigitData
from vae_model.model.checkpoint import Checkpoint, load
from vae_model.training import resumable
from vae_model.training.resumable import ResumableTraining


def test_dims_are_turned_in_what_is_saved_at_the_end_and_in_no_epoch_on_the_way(
    digits: DigitData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def turned(checkpoint: Checkpoint) -> Checkpoint:
        return replace(checkpoint, provenance={"turned": True})

    monkeypatch.setattr(resumable, "turned", turned)
    fit = ResumableTraining.begin(tmp_path / "model", "article", SMALL, QUICK, digits)
    saved: list[bool] = []
    shown: list[Checkpoint] = []
    fit.run(
        lambda: False,
        lambda: None,
        lambda report, checkpoint: shown.append(checkpoint),
        lambda report: saved.append("turned" in load(fit.out).provenance),
    )
    assert saved == [False, True]
    assert not any("turned" in each.provenance for each in shown)
    for name, array in fit.training.averaged_model.weights().items():
        np.testing.assert_array_equal(shown[-1].weights[name], array)
