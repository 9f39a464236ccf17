"""The Experiments page: asks first, then shows what the small models really do."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.support.models import AddModel
from tests.support.seen import heard, open_page, pictures, said, text
from ui.experiments import trials
from ui.shared import dims, ink, mnist_sample, shelf
from ui.shared.words import plain, signed
from vae_model.engine.digit_engine import DigitEngine, one_hot
from vae_model.model.checkpoint import CONFIG_FILE

SMALL = ("beta-0", "beta-1", "beta-5", "beta-50", "softmax", "unlabelled")
RIGHT = {
    "swap-digit": 1, "swap-style": 1, "beta": 2, "leak": 0, "unlabelled": 2, "collapse": 2,
}  # fmt: skip
"""Experiment -> which choice comes true with the shipped models, which its words rest on."""
SWAPS = ("swap-digit", "swap-style")


def predict(page: AppTest, key: str, choice: int) -> None:
    radio = page.radio(key=f"predict-{key}")
    radio.set_value(radio.options[choice]).run()


def small(name: str) -> DigitEngine:
    found = shelf.experiment(name)
    assert isinstance(found, DigitEngine)
    return found


@pytest.fixture
def page(app: AppTest) -> AppTest:
    return open_page(app, "experiments")


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small models, to be damaged."""
    folder = tmp_path / shelf.EXPERIMENTS_FOLDER.name
    shutil.copytree(shelf.EXPERIMENTS_FOLDER, folder)
    monkeypatch.setattr(shelf, "EXPERIMENTS_FOLDER", folder)
    return folder


def test_the_small_models_are_measured() -> None:
    for name in SMALL:
        checkpoint = small(name).checkpoint
        assert checkpoint.metrics["checkpoint"] == name
        assert not checkpoint.training_state


def test_everything_is_asked_before_it_is_shown(page: AppTest) -> None:
    assert [radio.key for radio in page.radio] == [f"predict-{key}" for key in RIGHT]
    assert all(radio.value is None for radio in page.radio)
    assert not pictures(page) and not page.caption and not page.info
    # Nobody chooses the small models for the other pages.
    assert page.sidebar.selectbox[0].options == ["studio", "article"]


@pytest.mark.parametrize("key", RIGHT)
def test_each_is_shown_after_the_choice_and_tells_if_it_was_right(page: AppTest, key: str) -> None:
    for choice in range(3):
        predict(page, key, choice)
        right = page.radio(key=f"predict-{key}").options[RIGHT[key]]
        verdict = "As you predicted." if choice == RIGHT[key] else "It comes out differently."
        assert f"**{verdict}** {right}." in said(page)
        assert f"{verdict} {right}." in heard(page)
        assert len(pictures(page)) >= 11 and len(page.caption) == 1


@pytest.mark.parametrize("name", ["studio", "article"])
def test_swaps_show_what_the_chosen_model_decodes(page: AppTest, name: str) -> None:
    page.sidebar.selectbox[0].set_value(name).run()
    engine = shelf.models().engines[name]
    for key in SWAPS:
        predict(page, key, 0)
    shown = pictures(page)
    four = engine.read(mnist_sample.of_digit(4)).style_mean
    for digit in range(10):
        written = engine.decode(four[None], one_hot([digit]))[0]
        assert ink.url(written, scale=4) in shown[f"a handwritten 4 written as {digit}"]
        lent = engine.read(mnist_sample.of_digit(digit)).style_mean
        seven = engine.decode(lent[None], one_hot([7]))[0]
        assert np.allclose(trials.copies(engine, 7)[digit], seven, atol=1e-5)
    found = trials.rewriting(engine)
    assert f"reads {100 * found.obeyed:.1f} %" in said(page)
    assert f"correlation of {signed(found.slant)}" in said(page)


def test_the_visitors_drawing_is_asked_to_be_another_digit(page: AppTest) -> None:
    page.session_state["images"] = {"Draw": mnist_sample.of_digit(7)}
    page.run()
    assert "the style z of your drawing" in said(page)
    predict(page, "swap-digit", 1)
    assert "As you predicted.** A 4, written" in said(page)


def test_rewriting_is_read_by_the_engine_itself() -> None:
    engine = small("beta-5")
    rightly = 0
    for image in mnist_sample.test_digits()[0][:20]:
        written = trials.write(engine, engine.read(image).style_mean)
        rightly += sum(engine.read(each).digit == digit for digit, each in enumerate(written))
    assert rightly / 200 == pytest.approx(trials.rewriting(engine).obeyed, abs=0.02)


def test_costs_are_those_that_were_measured(page: AppTest) -> None:
    predict(page, "beta", 0)
    for beta in (0, 1, 5):
        metrics = small(f"beta-{beta}").checkpoint.metrics
        kl, bound = metrics["kl"], metrics["nelbo_bernoulli"]
        costs = " ".join(plain(nats, 1) for nats in (bound - kl, kl, bound))
        legible = f"{100 * metrics['generation_accuracy']:.1f} %"
        assert f"β = {beta} {costs} {legible}" in text(page)
    styles = np.random.default_rng(0).standard_normal((10, 6), dtype=np.float32)
    for digit, image in enumerate(small("beta-0").decode(styles, one_hot([*range(10)]))):
        assert ink.url(image, scale=4) in pictures(page)[f"new, β = 0, number {digit}"]


def test_the_leak_is_measured_with_the_engine(page: AppTest) -> None:
    predict(page, "leak", 0)
    images, digits = mnist_sample.test_digits()
    for name in ("softmax", "beta-1"):
        engine = small(name)
        found = trials.conditioned(engine)
        assert (
            f"{plain(found.soft, 1)} {plain(found.hard, 1)} {100 * found.sureness:.1f} % "
            f"{100 * found.accuracy:.1f} %"
        ) in text(page)
        seen = engine.see(images)
        made = engine.decode(seen.style_mean, one_hot(digits)).astype(np.float64)
        made = made.clip(1e-9, 1 - 1e-9)
        nats = -(images * np.log(made) + (1 - images) * np.log(1 - made)).sum()
        assert found.hard == pytest.approx(nats / len(images), rel=1e-3)
        assert found.accuracy == (seen.digit_logits.argmax(axis=1) == digits).mean()


def test_most_smuggled_are_read_rightly_and_lose() -> None:
    engine = small("softmax")
    rows = trials.most_smuggled(engine)
    images, digits = mnist_sample.test_digits()
    assert len(set(rows.tolist())) == 10 and rows.max() < trials.REWRITTEN
    assert digits[rows].tolist() == sorted(digits[rows])
    readings = [engine.read(images[row]) for row in rows]
    assert [reading.digit for reading in readings] == digits[rows].tolist()
    soft, hard = trials.two_copies(engine, rows)
    again = engine.decode(readings[0].style_mean[None], readings[0].digit_probs[None])[0]
    assert np.allclose(soft[0], again, atol=1e-5)
    assert np.allclose(hard[0], readings[0].reconstruction, atol=1e-5)


def test_without_names_the_dims_are_no_digits(page: AppTest) -> None:
    predict(page, "unlabelled", 0)
    counts = trials.strongest_dims(small("unlabelled"))
    assert counts.sum(axis=1).tolist() == [200] * 10
    assert text(page).count(" 200") >= np.count_nonzero(counts == 200)
    assert f"{100 * trials.best_reading(counts):.1f} % would be read rightly" in said(page)
    for name in ("unlabelled", "softmax"):
        leak = small(name).checkpoint.metrics["digit_leak_sampled"]
        assert f"{100 * leak:.1f} %" in said(page)


def test_best_reading_names_each_dim_as_well_as_can_be() -> None:
    swapped = np.roll(np.eye(10, dtype=np.int64), 1, axis=1)
    assert trials.best_reading(swapped) == 1
    assert trials.best_reading(np.ones((10, 10), np.int64)) == 0.1


def test_asleep_is_what_costs_nothing(page: AppTest) -> None:
    predict(page, "collapse", 0)
    for name in ("beta-1", "beta-5", "beta-50"):
        metrics = small(name).checkpoint.metrics
        awake = sum(nats >= dims.ASLEEP_KL for nats in metrics["kl_per_dim"])
        assert f"{awake} of 6 awake {plain(metrics['kl'])} nats" in text(page)


def test_damaged_models_are_said_and_the_rest_goes_on(own: Path, page: AppTest) -> None:
    shutil.rmtree(own / "beta-1")
    page.run()
    assert [radio.key for radio in page.radio] == [
        f"predict-{key}" for key in ("swap-digit", "swap-style", "unlabelled")
    ]
    assert len(page.info) == 3
    assert not any("make" in each.value for each in page.info)
    page.context = {"url": "http://localhost:8501/experiments"}
    page.run()
    assert all("make experiments" in each.value for each in page.info)
    assert not any(str(own) in each.value for each in page.caption)


def test_models_never_measured_are_said(own: Path, page: AppTest) -> None:
    for name in SMALL:
        file = own / name / CONFIG_FILE
        file.write_text(json.dumps(json.loads(file.read_text()) | {"metrics": {"kl": "much"}}))
    page.run()
    assert len(page.info) == 2
    predict(page, "unlabelled", 0)
    assert "It has moved into z, with everything else." in said(page)


@pytest.mark.parametrize("key", SWAPS)
def test_a_model_that_disobeys_is_not_praised(checkpoints: Path, app: AppTest, key: str) -> None:
    shutil.copytree(shelf.EXPERIMENTS_FOLDER / "beta-0", checkpoints / "studio")
    predict(open_page(app, "experiments"), key, 1)
    assert f"It comes out differently.** {app.radio(key=f'predict-{key}').options[0]}." in said(app)
    assert "Its style still holds the digit" in said(app)


@pytest.mark.parametrize("key", SWAPS)
def test_a_model_whose_digits_cannot_be_read_is_said_to_be_so(
    add_model: AddModel, app: AppTest, key: str
) -> None:
    add_model()
    predict(open_page(app, "experiments"), key, 1)
    assert "**None of these.**" in said(app) and "comes out differently" not in said(app)
    found = trials.rewriting(shelf.models().engines["studio"])
    assert f"reads {100 * found.obeyed:.1f} %" in said(app)
    assert f"and {100 * found.kept:.1f} % as the digit that gave the style" in said(app)
    assert "still holds" not in said(app)
