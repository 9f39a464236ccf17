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
from vae_model.training.trainer import Diverged


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
    np.testing.assert_equal(shown[-1].weights, fit.training.averaged_model.weights())


@pytest.mark.parametrize("spoilt", ["exp_avg_sq", "bias"])
@pytest.mark.parametrize("stops", [False, True])
def test_what_could_not_be_read_again_is_not_saved(
    digits: DigitData, tmp_path: Path, spoilt: str, stops: bool
) -> None:
    """The loss may be finite still: a step comes after it, and moments are of squares."""
    longer = replace(QUICK, epochs=3)
    fit = ResumableTraining.begin(tmp_path / "model", "article", SMALL, longer, digits)
    training, told = fit.training, list[int]()

    def spoil() -> None:
        if (training.epoch, training.batch) == (1, 5 - stops):
            if spoilt == "bias":
                training.model.encoder.layers[0].bias.data[0] = np.inf
            else:
                training.optimizer.state_dict()["state"][0][spoilt][0] = np.inf

    def stop() -> bool:
        return stops and (training.epoch, training.batch) == (1, 4)

    with pytest.raises(Diverged, match=r"in epoch 2.*lower learning rate"):
        fit.run(stop, spoil, lambda report, _: told.append(report.epoch))
    assert told == [1]
    kept = load(fit.out)
    assert len(kept.history) == 1 and kept.training_state
