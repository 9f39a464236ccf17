"""What the app does with a checkpoints folder in which not all is well."""

import dataclasses
import json
import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.support.app import ROOT
from tests.support.models import AddModel
from tests.support.visits import DRAWN
from ui.shared import shelf
from ui.shared.pages import DRAW, PAGES, TRAIN
from vae_model.model.checkpoint import load, save

BETA_1 = ROOT / "checkpoints/experiments/beta-1"


def visit_every_page(app: AppTest) -> None:
    app.run()
    for page in PAGES:
        app.switch_page(page.file).run()


def cut(folder: Path) -> None:
    weights = folder / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-7])


def configure(content: str) -> Callable[[Path], object]:
    return lambda folder: (folder / "config.json").write_text(content)


def close(folder: Path) -> None:
    folder.chmod(0)
    if os.access(folder, os.X_OK):
        pytest.skip("root may look into every folder")


def name_in_latin_1(folder: Path) -> None:
    try:
        folder.rename(folder.with_name(os.fsdecode(b"mod\xe8le")))
    except OSError:
        pytest.skip("this file system takes UTF-8 alone")


@pytest.mark.parametrize(
    ("damage", "name", "reason"),
    [
        (cut, "other", "damaged or incomplete"),
        *((configure(content), "other", "") for content in ("{", "[]", "[" * 100_000, "{}")),
        (close, "other", "Permission denied"),
        (name_in_latin_1, r"mod\xe8le", r"Its name is not UTF\-8."),
    ],
)
def test_a_damaged_checkpoint_is_named_and_others_work(
    add_model: AddModel, app: AppTest, damage: Callable[[Path], object], name: str, reason: str
) -> None:
    add_model("studio")
    folder = add_model("other")
    damage(folder)
    app.run()
    if folder.exists():
        folder.chmod(0o700)
    warning = app.sidebar.warning[0].value
    assert f"`{name}` cannot be loaded. " in warning and reason in warning
    assert str(folder.parent) not in warning.replace("\\", "")
    assert app.selectbox(key="model").options == ["studio"]


def with_every_leaf(value: Any, leaf: Any) -> Any:
    """JSON of the same form in which each number and text is another."""
    if isinstance(value, dict):
        return {key: with_every_leaf(each, leaf) for key, each in value.items()}
    if isinstance(value, list):
        return [with_every_leaf(each, leaf) for each in value]
    return leaf


@pytest.mark.parametrize("leaf", [10**400, -1e308, math.nan, "1", {"a": 1}],
                         ids=lambda leaf: f"{leaf!r}"[:8])  # fmt: skip
def test_absurd_figures_make_no_page_fail(checkpoints: Path, app: AppTest, leaf: object) -> None:
    """Each page may use any of them, at any depth."""
    told = json.loads((BETA_1 / "config.json").read_bytes())
    parts = ("metrics", "history", "provenance")
    deep = {part: with_every_leaf(told[part], leaf) for part in parts}
    shallow = {part: dict.fromkeys(told[part], leaf) for part in ("metrics", "provenance")}
    for name, changed in {"studio": deep, "article": shallow | {"history": [leaf] * 3}}.items():
        shutil.copytree(BETA_1, checkpoints / name)
        (checkpoints / name / "config.json").write_text(json.dumps(told | changed))
    visit_every_page(app)
    assert not app.sidebar.warning


@pytest.mark.parametrize("min_variance", [0.0, 1.0])
def test_weights_beyond_all_measure_make_no_page_fail(
    add_model: AddModel, app: AppTest, min_variance: float
) -> None:
    path = add_model()
    model = load(path)
    weights = {name: weight * np.float32(1e30) for name, weight in model.weights.items()}
    config = dataclasses.replace(model.model, min_variance=min_variance)
    save(path, dataclasses.replace(model, model=config, weights=weights))
    visit_every_page(app)
    app.switch_page(DRAW.file).run()
    app.session_state["desk"] = {"desk": DRAWN}
    app.run()
    visit_every_page(app)


def test_other_kinds_files_and_hidden_folders_are_no_models(
    add_model: AddModel, checkpoints: Path, app: AppTest
) -> None:
    add_model("studio")
    for name, content in (("judge", {"kind": "judge"}), (".half-written", {}), ("lost+found", {})):
        (checkpoints / name).mkdir()
        (checkpoints / name / "config.json").write_text(json.dumps(content))
    (checkpoints / "notes").mkdir()
    (checkpoints / "notes" / "of.txt").write_text("no model")
    (checkpoints / "notes.txt").write_text("no model")
    app.run()
    assert not app.sidebar.warning
    assert app.selectbox(key="model").options == ["studio"]


@pytest.mark.parametrize("there", [True, False])
def test_without_a_model_every_page_says_so(checkpoints: Path, app: AppTest, there: bool) -> None:
    if not there:
        checkpoints.rmdir()
    app.run()
    for page in [page for page in PAGES if page is not TRAIN]:
        app.switch_page(page.file).run()
        assert (app.title[0].value, app.markdown[0].value) == (page.title, page.sentence)
        assert "no model" in app.info[0].value and "make train" not in app.info[0].value
    app.button[0].click().run()
    assert app.title[0].value == "Train"


def test_without_a_model_the_host_is_told_what_helps_in_the_folder_that_is_shown(
    checkpoints: Path, app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.context = {"url": "http://localhost:8501"}
    app.run()
    # It would train models into the app's own folder.
    assert "make train" not in app.info[0].value and "VAE_CHECKPOINTS_DIR" in app.info[0].value
    monkeypatch.setattr(shelf, "DEFAULT_FOLDER", checkpoints.resolve())
    app.run()
    assert "make train" in app.info[0].value


def test_a_server_without_training_does_not_offer_it(
    checkpoints: Path, app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAE_TRAINING", "off")
    app.run()
    assert "come back later" in app.info[0].value
    assert not app.button
