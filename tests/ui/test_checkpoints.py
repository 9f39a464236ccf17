"""What the app does with a checkpoints folder in which not all is well."""

import dataclasses
import json
import math
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ui.shared import pages
from vae_model.model.checkpoint import load, save

AddModel = Callable[..., Path]
PAGES = ("ui/explore/page.py", "ui/draw/page.py")
ROOT = Path(__file__).resolve().parents[2]
EVERY_PAGE = [page.file for page in pages.PAGES]


def test_a_damaged_checkpoint_is_named_and_the_others_work(
    add_model: AddModel, app: AppTest
) -> None:
    add_model("article")
    weights = add_model("studio") / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-7])
    app.run()
    assert not app.exception
    assert "`studio` cannot be loaded" in app.sidebar.warning[0].value
    assert "damaged or incomplete" in app.sidebar.warning[0].value
    assert str(weights.parents[1]) not in app.sidebar.warning[0].value
    assert app.selectbox(key="model").options == ["article"]


@pytest.mark.parametrize("content", ["", "{", "[]", "[" * 100_000, '{"format_version": 99}', "{}"])
def test_nonsense_for_a_config_is_named(
    add_model: AddModel, checkpoints: Path, app: AppTest, content: str
) -> None:
    add_model("studio")
    (checkpoints / "other").mkdir()
    (checkpoints / "other" / "config.json").write_text(content)
    app.run()
    assert not app.exception
    assert "`other` cannot be loaded" in app.sidebar.warning[0].value
    assert app.selectbox(key="model").options == ["studio"]


def with_every_leaf(value: Any, leaf: Any) -> Any:
    """JSON of the same form in which each number and text is another."""
    if isinstance(value, dict):
        return {key: with_every_leaf(each, leaf) for key, each in value.items()}
    if isinstance(value, list):
        return [with_every_leaf(each, leaf) for each in value]
    return leaf


@pytest.mark.parametrize(
    "leaf",
    [10**400, -1e308, math.nan, "1", {"a": 1}],
    ids=lambda leaf: f"{leaf!r}"[:8],
)
def test_figures_that_cannot_be_make_no_page_fail(
    checkpoints: Path, app: AppTest, leaf: object
) -> None:
    """Each page may use any of them, at any depth."""
    config = shutil.copytree(ROOT / "checkpoints/experiments/beta-1", checkpoints / "studio") / (
        "config.json"
    )
    told = json.loads(config.read_bytes())
    parts = ("metrics", "history", "provenance")
    shallow = {"metrics": dict.fromkeys(told["metrics"], leaf)}
    shallow |= {"history": [leaf] * 3, "provenance": dict.fromkeys(told["provenance"], leaf)}
    for name, changed in (
        ("studio", {part: with_every_leaf(told[part], leaf) for part in parts}),
        ("article", shallow),
    ):
        if name != "studio":
            shutil.copytree(checkpoints / "studio", checkpoints / name)
        (checkpoints / name / "config.json").write_text(json.dumps(told | changed))
    app.run()
    for page in EVERY_PAGE:
        app.switch_page(page).run()
        assert not app.exception, page
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
    app.run()
    for page in EVERY_PAGE:
        app.switch_page(page).run()
        assert not app.exception, page
    app.switch_page("ui/draw/page.py").run()
    line = {"points": [250, 100, 500, 120, 500, 500, 500, 900], "width": 72, "erases": False}
    drawing = {"strokes": [line], "example": None, "penDown": False, "turn": 1}
    app.session_state["pad"] = {"drawing": drawing}
    app.run()
    assert not app.exception and app.get("plotly_chart")


def test_other_kinds_files_and_hidden_folders_are_no_models(
    add_model: AddModel, checkpoints: Path, app: AppTest
) -> None:
    add_model("studio")
    for name, content in (("judge", {"kind": "judge"}), (".half-written", {})):
        (checkpoints / name).mkdir()
        (checkpoints / name / "config.json").write_text(json.dumps(content))
    (checkpoints / "notes.txt").write_text("no model")
    app.run()
    assert not app.exception and not app.sidebar.warning
    assert app.selectbox(key="model").options == ["studio"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("there", [True, False])
def test_without_any_model_every_page_says_what_to_do(
    checkpoints: Path, app: AppTest, page: str, there: bool
) -> None:
    if not there:
        checkpoints.rmdir()
    app.run().switch_page(page).run()
    assert not app.exception
    assert "no model" in app.info[0].value and "make train" not in app.info[0].value
    app.context = {"url": "http://localhost:8501"}
    app.run()
    assert "make train" in app.info[0].value
    app.button[0].click().run()
    assert not app.exception
    assert app.title[0].value == "Train"


def test_a_server_without_training_does_not_offer_it(
    checkpoints: Path, app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAE_TRAINING", "off")
    app.run()
    assert "come back later" in app.info[0].value
    assert not app.button


def test_a_model_that_appears_is_found(add_model: AddModel, app: AppTest) -> None:
    app.run()
    add_model("studio")
    app.run()
    assert not app.exception and not app.info
    assert app.get("bidi_component")


def test_the_shipped_default_is_studio_and_loads(
    monkeypatch: pytest.MonkeyPatch, app: AppTest
) -> None:
    monkeypatch.delenv("VAE_CHECKPOINTS_DIR", raising=False)
    app.run()
    assert not app.exception and not app.sidebar.warning
    assert app.selectbox(key="model").value == "studio"
    assert app.get("bidi_component")


def test_serving_both_pages_imports_no_torch(add_model: AddModel) -> None:
    add_model("studio")
    script = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file(sys.argv[1], default_timeout=90).run()
app.switch_page("ui/draw/page.py").run()
assert not app.exception
line = {"points": [250, 100, 500, 120, 500, 500, 500, 900], "width": 72, "erases": False}
drawing = {"strokes": [line], "example": None, "penDown": False, "turn": 1}
app.session_state["pad"] = {"drawing": drawing}
app.run()
assert not app.exception and app.get("plotly_chart")
print([name for name in ("torch", "torchvision") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", script, ROOT / "app.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.stdout.strip() == "[]", done.stderr
