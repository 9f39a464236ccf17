"""Commands that take a run's folder where they take a checkpoint's, and name it by that."""

from pathlib import Path
from unittest.mock import Mock

import pytest

from vae_model.__main__ import main
from vae_model.engine import umap_layout
from vae_model.evaluation import fit_calibration
from vae_model.model.calibration import TERMS, Calibration
from vae_model.model.checkpoint import load


def test_a_run_is_calibrated(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted = Calibration(1.5, (0,) * 4, (1,) * 4, (0.5,) * TERMS, 2, {})
    monkeypatch.setattr(fit_calibration, "fit", asked := Mock(return_value=fitted))
    done = str(root / "done")
    assert main(["calibrate", done, "--by", done, "--data", "sample"]) == 0
    *_, about = asked.call_args.args
    assert about["by"] == "done"
    assert load(root / "done/checkpoint").calibration == fitted


def test_a_run_gets_a_layout(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for step in ("compute", "save"):
        monkeypatch.setattr(umap_layout, step, called := Mock())
    assert main(["layout", str(root / "done")]) == 0
    assert called.call_args.args[0] == root / "done/checkpoint"


@pytest.mark.parametrize("place", ["done", "done/checkpoint"])
def test_what_a_run_has_learned_from_is_said_by_its_name(
    root: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(root / place), "--data", "sample", "--hold-out", "9701"]) == 1
    error = capsys.readouterr().err
    assert "done has learned from some of the last 9701 training digits of sample" in error
    assert "--data sample --hold-out 9701" in error
