"""What an earlier version wrote still opens: files and links from before there were folders."""

import io
import zipfile
from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

from tests.support.app import ROOT
from vae_model.engine.digit_engine import DigitEngine, one_hot
from vae_model.runs import archive
from vae_model.runs.run import Run, list_runs

ZIP = Path(__file__).parent / "files" / "run-before-the-move.zip"
LINK = {"model": "studio", "digit": "5", "z1": "0.5", "blend": "6", "weights": "2e196c85"}
"""Of the address that Copy link gave; weights are those of the `studio` that came with the app."""


def whole(root: Path) -> Run:
    """The one run of a folder, which must be all there."""
    listing = list_runs(root)
    assert not listing.broken
    (run,) = listing.runs
    assert (run.name, run.state, len(run.epochs)) == ("Before the move", "finished", 2)
    assert run.model
    engine = DigitEngine.load(run.model)
    assert np.ptp(engine.decode(np.zeros((1, 2), np.float32), one_hot([3]))) > 0
    assert all(epoch.digits().any() for epoch in run.epochs)
    return run


def test_an_exported_run_comes_in_and_one_on_disk_goes_out_again(tmp_path: Path) -> None:
    archive.import_run(tmp_path / "in", ZIP)
    with zipfile.ZipFile(ZIP) as content:
        content.extractall(tmp_path / "old" / "20261125-184912-aef785")
    run = whole(tmp_path / "old")
    exported = archive.export_run(tmp_path / "old", run.id)
    archive.import_run(tmp_path / "new", io.BytesIO(exported))
    for root in (tmp_path / "in", tmp_path / "new"):
        assert (whole(root).epochs, whole(root).setup.preset) == (run.epochs, "quick")


def test_a_link_is_followed() -> None:
    app = AppTest.from_file(ROOT / "app.py", default_timeout=90)
    for name, value in LINK.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception and not app.info
    board = app.session_state["board_opening"].start
    assert (board.style[0], board.digit, board.other) == (0.5, 5, 6)
