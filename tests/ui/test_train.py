"""The Train page without a browser: setting up, watching, keeping, comparing."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from vae_model import job, runs
from vae_model.lock import Job
from vae_model.run_folders import RunsError
from vae_model.setup import Setup

AddModel = Callable[..., object]
PAGE = "ui/pages/train.py"


@pytest.fixture
def train(
    add_model: AddModel, app: AppTest, root: Path, monkeypatch: pytest.MonkeyPatch
) -> AppTest:
    """The page, with one finished run called `first`."""
    monkeypatch.setenv("VAE_RUNS_DIR", str(root))
    add_model()
    app.run()
    app.switch_page(PAGE).run()
    assert not app.exception
    return app


def html(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html"))


def view(app: AppTest, name: str) -> AppTest:
    app.segmented_control(key="view").set_value(name).run()
    assert not app.exception
    return app


def button(app: AppTest, label: str) -> Any:
    found = [each for each in app.button if each.label == label]
    assert found, [each.label for each in app.button]
    return found[0]


def second_run(root: Path, name: str = "second") -> Path:
    path = root / name
    shutil.copytree(root / "done", path)
    file = path / "run.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"id": name, "name": name}))
    return path


def test_the_form_holds_every_field_of_the_preset(train: AppTest) -> None:
    from vae_model.fields import FIELDS

    assert train.selectbox(key="train_preset").value == "quick"
    keys = {each.key for kind in ("number_input", "text_input", "selectbox", "toggle")
            for each in train.get(kind)}  # fmt: skip
    assert {f"quick.{name}" for name in FIELDS} <= keys
    train.selectbox(key="train_preset").set_value("article").run()
    assert not train.exception
    assert train.number_input(key="article.epochs").value == 20
    assert any("308,654 parameters" in each.value for each in train.markdown)


def test_changes_are_counted_and_started(train: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Setup] = []

    def start(root: Path, setup: Setup, name: str = "") -> str:
        started.append(setup)
        return "done"

    monkeypatch.setattr(job, "start", start)
    train.number_input(key="quick.epochs").set_value(2)
    train.text_input(key="quick.learning_rate").set_value("0.002")
    train.text_input(key="quick.decoder_hidden").set_value("64, 32").run()
    assert any("3 changed from quick" in each.value for each in train.markdown)
    button(train, "Start training").click().run()
    assert not train.exception
    (setup,) = started
    assert (setup.train.epochs, setup.train.learning_rate) == (2, 0.002)
    assert setup.model.decoder_hidden == (64, 32)
    assert train.segmented_control(key="view").value == "Watch"


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("learning_rate", "fast", "a number"),
        ("learning_rate", "-1", "learning rate must be"),
        ("decoder_hidden", "10,ten", "whole numbers with commas"),
        ("decoder_hidden", "99999", "decoder hidden must be"),
        ("decoder_hidden", "1,1,1,1,1", "1 to 4"),
        ("beta", "nan", "beta must be"),
        ("pen_fraction", "0.5", "augment"),
    ],
)
def test_what_cannot_be_is_said_and_cannot_be_started(
    train: AppTest, field: str, text: str, said: str
) -> None:
    train.text_input(key=f"quick.{field}").set_value(text).run()
    assert not train.exception
    assert said in train.warning[0].value.lower()
    assert "Start training" not in [each.label for each in train.button]


def test_a_refused_start_says_why(train: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise RunsError("the disk is full")

    monkeypatch.setattr(job, "start", refuse)
    button(train, "Start training").click().run()
    assert not train.exception
    assert "the disk is full" in train.toast[0].value


def test_nobody_starts_beside_a_running_job(
    train: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "current", lambda root: Job("done", "training", 1))
    train.run()
    assert button(train, "Start training").disabled


def test_a_run_is_watched(train: AppTest) -> None:
    view(train, "Watch")
    assert any("Finished" in each.value for each in train.markdown)
    board = [each for each in train.get("bidi_component")
             if each.proto.component_name.endswith("epoch_board")]  # fmt: skip
    assert len(board) == 1
    assert len(train.get("plotly_chart")) == 3
    train.toggle(key="train_parts").set_value(True).run()
    assert not train.exception
    assert len(train.get("plotly_chart")) == 6


def test_an_interrupted_run_can_go_on(
    train: AppTest, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resumed: list[str] = []
    monkeypatch.setattr(job, "resume", lambda root, run_id: resumed.append(run_id))
    events = root / "done" / "events.jsonl"
    events.write_text("".join(events.read_text().splitlines(keepends=True)[:-1]))
    view(train, "Watch")
    assert any("Interrupted" in each.value for each in train.markdown)
    button(train, "Go on").click().run()
    assert resumed == ["done"]


def test_runs_are_listed_with_what_they_were(train: AppTest) -> None:
    view(train, "Runs")
    assert "<b>first</b>" in html(train)
    assert "finished · 3 of 3 epochs · quick" in html(train)
    assert html(train).count("after the last epoch") == 10


def test_a_run_becomes_the_model_of_the_app(train: AppTest) -> None:
    view(train, "Runs")
    button(train, "Use in the app").click().run()
    assert not train.exception
    assert train.selectbox(key="model").value == "run-done"
    train.switch_page("ui/pages/explore.py").run()
    assert not train.exception and not train.warning
    assert train.selectbox(key="model").value == "run-done"


def test_delete_and_undo(train: AppTest, root: Path) -> None:
    view(train, "Runs")
    button(train, "Delete").click().run()
    assert not (root / "done").exists()
    assert any("Deleted “first”" in each.value for each in train.markdown)
    button(train, "Undo").click().run()
    assert not train.exception
    assert (root / "done").exists()
    assert "<b>first</b>" in html(train)


def test_rename(train: AppTest, root: Path) -> None:
    view(train, "Runs")
    train.text_input(key="name-done").set_value("a <b>bold</b> one").run()
    button(train, "Rename").click().run()
    assert not train.exception
    assert runs.load(root, "done").name == "a <b>bold</b> one"
    assert "a &lt;b&gt;bold&lt;/b&gt; one" in html(train)


def test_a_damaged_run_is_named(train: AppTest, root: Path) -> None:
    second_run(root)
    (root / "second" / "run.json").write_text("{")
    view(train, "Runs")
    assert "`second` cannot be read" in train.warning[0].value
    assert "<b>first</b>" in html(train)


def test_two_runs_compared(train: AppTest, root: Path) -> None:
    view(train, "Compare")
    assert "two runs" in train.info[0].value
    second_run(root)
    train.run()
    assert not train.exception
    assert len(train.get("plotly_chart")) == 3
    assert "They were set up alike" in html(train)
    assert "<th>Accuracy</th>" in html(train)


def test_where_training_is_off_runs_can_still_be_seen(
    train: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAE_TRAINING", "off")
    train.run()
    assert not train.exception
    assert "turned off on this server" in train.info[0].value
    assert train.segmented_control(key="view").options == ["Watch", "Runs", "Compare"]
    view(train, "Runs")
    assert "Delete" not in [each.label for each in train.button]


def test_an_address_that_names_no_run_shows_another(train: AppTest) -> None:
    train.query_params.update({"view": "Watch", "run": "../../etc"})
    view(train, "Watch")
    assert train.selectbox(key="run").value == "done"
