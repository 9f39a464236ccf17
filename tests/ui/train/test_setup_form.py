"""The form of the Train page: what is set up, stays, and is started."""

import contextlib
import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.runs import working
from tests.support.seen import choose, click, heard, labels, said
from ui.train import setup_form, watch
from vae_model.model.fields import FIELDS
from vae_model.model.presets import PRESETS
from vae_model.runs import folders, jobs, lock
from vae_model.runs.folders import RunsError
from vae_model.runs.run import create, load
from vae_model.runs.spec import TrainingSpec


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """In place of the start of a training."""
    monkeypatch.setattr(jobs, "start", start := Mock(return_value="done"))
    return start


def test_the_form_holds_every_field_of_the_preset(train: AppTest) -> None:
    preset = train.selectbox(key="train_preset")
    assert preset.value == "quick" and set(preset.options) == set(PRESETS)
    kinds = ("number_input", "text_input", "selectbox", "toggle")
    assert {f"quick.{name}" for name in FIELDS} <= {
        each.key for kind in kinds for each in train.get(kind)
    }
    preset.set_value("article").run()
    assert train.number_input(key="article.epochs").value == 20
    assert "308,654 parameters" in said(train)


def test_the_full_mnist_is_offered_where_it_is_or_could_be_put(
    train: AppTest, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAE_DATA_DIR", str(tmp_path / "data"))
    assert "mnist" in train.run().selectbox(key="train_data").options
    (tmp_path / "data").touch()
    train.selectbox(key="train_data").set_value("mnist").run()
    assert train.selectbox(key="train_data").options == ["sample", "auto"]
    assert train.selectbox(key="train_data").value == "sample"
    of_all = create(root, TrainingSpec.of("quick", {}, "mnist"))
    choose(train, "view", "Runs").button(key=f"like-{of_all.id}").click().run()
    assert train.selectbox(key="train_data").value == "sample"
    assert "cannot be had here" in train.toast[0].value


def test_what_is_started_is_what_was_set_up_and_its_name_is_given_away(
    train: AppTest, start: Mock
) -> None:
    train.text_input(key="train_name").set_value("mine")
    train.number_input(key="quick.epochs").set_value(2)
    train.text_input(key="quick.learning_rate").set_value("0.002")
    train.text_input(key="quick.decoder_hidden").set_value("64, 32")
    # At once: who types and clicks tells of both in one request.
    click(train, "Start training")
    start.assert_called_once()
    _, setup, name = start.call_args.args
    assert (setup.train.epochs, setup.train.learning_rate) == (2, 0.002)
    assert (setup.model.decoder_hidden, name) == ((64, 32), "mine")
    assert train.segmented_control(key="view").value == "Watch"
    choose(train, "view", "Set up")
    assert train.text_input(key="train_name").value == ""
    assert train.number_input(key="quick.epochs").value == 2
    assert "3 changed from quick" in said(train)


def test_a_preset_chosen_with_the_click_is_the_one_that_is_started(
    train: AppTest, start: Mock
) -> None:
    train.number_input(key="quick.epochs").set_value(2)
    train.selectbox(key="train_preset").set_value("article")
    click(train, "Start training")
    _, setup, _ = start.call_args.args
    assert (setup.preset, setup.changed) == ("article", {})


def test_what_was_set_up_stays(train: AppTest, look_elsewhere: Callable[[], object]) -> None:
    train.selectbox(key="train_preset").set_value("article").run()
    chosen = {
        ("selectbox", "train_data"): "auto",
        ("text_input", "train_name"): "mine",
        ("number_input", "article.epochs"): 3,
        ("text_input", "article.learning_rate"): "0.002",
        ("selectbox", "article.optimizer"): "sgd",
        ("toggle", "article.augment"): True,
    }
    for (kind, key), value in chosen.items():
        getattr(train, kind)(key=key).set_value(value)
    train.run().selectbox(key="train_preset").set_value("quick").run()
    train.text_input(key="quick.beta").set_value("2").run()
    look_elsewhere()
    assert "1 changed from quick" in said(choose(train, "view", "Set up"))
    assert train.text_input(key="quick.beta").value == "2"
    train.selectbox(key="train_preset").set_value("article")
    assert "4 changed from article" in said(train.run())
    assert all(getattr(train, kind)(key=key).value == chosen[kind, key] for kind, key in chosen)


def test_a_run_can_be_set_up_once_more(train: AppTest, root: Path, start: Mock) -> None:
    setup = load(root, "done").setup
    assert setup.changed
    train.text_input(key="quick.learning_rate").set_value("0.5").run()
    train.selectbox(key="train_data").set_value("auto")
    train.selectbox(key="train_preset").set_value("article").run()
    click(choose(train, "view", "Runs"), "Set up another like it")
    assert f"{setup.held_out:,} digits were held out" in train.toast[0].value
    assert train.segmented_control(key="view").value == "Set up"
    click(train, "Start training")
    _, again, _ = start.call_args.args
    assert again == replace(setup, held_out=0)  # which is for the command line alone


def test_what_cannot_be_is_said_and_cannot_be_started(train: AppTest, start: Mock) -> None:
    for name, value, reason in (
        ("z_dim", 100, "z dim must be"),
        ("epochs", 0, "epochs must be"),
        ("learning_rate", "0,003", "a number, as 0.003"),
        ("learning_rate", "-1", "learning rate must be"),
        ("decoder_hidden", "10,ten", "whole numbers with commas"),
        ("decoder_hidden", "99999", "decoder hidden must be"),
        ("decoder_hidden", "1,1,1,1,1", "1 to 4"),
        ("beta", "nan", "beta must be"),
        ("synthetic_fraction", "0.5", "synthetic fraction of 0.5 needs augment"),
    ):
        kind = "text_input" if isinstance(value, str) else "number_input"
        field = getattr(train, kind)(key=f"quick.{name}")
        usual = field.value
        field.set_value(value)
        click(train, "Start training")
        assert reason in train.warning[0].value.lower()
        assert "Start training" not in labels(train)
        getattr(train, kind)(key=f"quick.{name}").set_value(usual).run()
        assert "Start training" in labels(train)
    assert not start.called


@pytest.mark.parametrize(
    ("place", "label"),
    [
        *(("Set up", "Start training"), ("Set up", "Estimate the time")),
        *(("Runs", "Evaluate"), ("Watch", "Evaluate")),
    ],
)
def test_what_is_refused_says_why_where_it_was_asked_for(
    train: AppTest, monkeypatch: pytest.MonkeyPatch, place: str, label: str
) -> None:
    action, *_ = label.lower().split()
    monkeypatch.setattr(jobs, action, Mock(side_effect=RunsError("the disk is full")))
    click(choose(train, "view", place), label)
    assert [each.value for each in train.toast] == ["The disk is full"]
    assert train.segmented_control(key="view").value == place
    assert label in labels(train), "it may be asked again"


@pytest.mark.parametrize("url", [None, "http://localhost:8501/train"])
def test_what_the_host_alone_can_mend_is_told_to_the_host_alone(
    train: AppTest, root: Path, monkeypatch: pytest.MonkeyPatch, url: str | None
) -> None:
    train.context = {"url": url}
    with monkeypatch.context() as patch:
        closed = PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        patch.setattr(jobs, "acquire", Mock(side_effect=closed))
        click(train.run(), "Start training")
    refused = train.toast[0].value
    monkeypatch.setenv("VAE_RUNS_MAX_MB", "0")
    full = click(train, "Start training").toast[0].value
    monkeypatch.setenv("VAE_RUNS_MAX_MB", "4 GB")
    unset = choose(train, "view", "Runs").warning[0].value
    for value, reason, advice in (
        (refused, "may not write there", f"chown -R {os.geteuid()} {root}"),
        (full, "delete some, or train for fewer", "VAE_RUNS_MAX_MB"),
        (unset, "not set rightly", "'4 GB'"),
    ):
        said_here = value.replace("\\", "")
        assert reason in said_here and (advice in said_here) == (url is not None)
        assert url or (str(root) not in said_here and "VAE_" not in said_here)


def test_the_time_is_estimated_whatever_part_of_the_page_the_server_runs(
    train: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Here, as after a restart of the server, all of it.
    monkeypatch.setattr(jobs, "estimate", lambda setup: 200.0)
    assert "about 3 minutes on this machine" in said(click(train, "Estimate the time"))
    assert "about 3 minutes on this machine" in heard(train)
    assert "Estimate the time" in labels(train), "the machine may be less busy by now"


def test_nobody_starts_beside_a_running_job(train: AppTest, root: Path) -> None:
    with working(root):
        train.run()
    assert train.button[labels(train).index("Start training")].disabled


def test_who_waits_for_a_job_may_start_once_it_has_ended(
    train: AppTest, root: Path, monkeypatch: pytest.MonkeyPatch, intervals: list[float | None]
) -> None:
    with contextlib.ExitStack() as job:
        job.enter_context(working(root))
        seen: list[object] = []

        def holder(folder: Path) -> object:
            if seen:
                job.close()
            seen.append(lock.holder(folder))
            return seen[-1]

        monkeypatch.setattr(setup_form, "holder", holder)
        train.run()
    assert not train.button[labels(train).index("Start training")].disabled
    assert intervals == [watch.EVERY_SECONDS, watch.AT_REST_SECONDS]


@pytest.mark.parametrize(
    ("switch", "url", "reason"),
    [
        ("off", None, "turned off on this server"),
        ("off", "http://localhost:8501/train", "VAE_TRAINING=off"),
        ("on", None, "needs PyTorch, which is not installed"),
    ],
)
def test_where_no_training_is_runs_can_still_be_seen(
    train: AppTest, monkeypatch: pytest.MonkeyPatch, switch: str, url: str | None, reason: str
) -> None:
    monkeypatch.setenv("VAE_TRAINING", switch)
    monkeypatch.setattr(jobs, "has_torch", lambda: False)
    train.context = {"url": url}
    (info,) = train.run().info
    assert reason in info.value and ("`" in info.value) == (url is not None)
    assert train.segmented_control(key="view").options == ["Watch", "Runs", "Compare"]
    choose(train, "view", "Runs")
    assert ("Delete" in labels(train)) == (switch == "on")
    assert not {"Evaluate", "Start training"} & set(labels(train))


@pytest.mark.usefixtures("unfinished")
@pytest.mark.parametrize("switch", ["on", "off"])
def test_only_what_can_be_done_is_advised(
    train: AppTest, root: Path, monkeypatch: pytest.MonkeyPatch, switch: str
) -> None:
    monkeypatch.setenv("VAE_TRAINING", switch)
    assert ("It can go on" in said(choose(train.run(), "view", "Watch"))) == (switch == "on")
    folders.delete(root, "done")
    for view in ("Watch", "Runs"):
        advice = choose(train, "view", view).info[-1].value
        assert ("set one up" in advice.lower()) == (switch == "on")
