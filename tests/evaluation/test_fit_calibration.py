"""Fitting confidence, and what is unlike a digit, on planted networks."""

import numpy as np
import pytest

from vae_model.data import non_digits
from vae_model.data.mnist import load_sample
from vae_model.engine.digit_engine import DigitEngine, one_hot
from vae_model.evaluation.fit_calibration import (
    fit,
    hand_habits,
    in_order_of_writers,
    normalized,
    pen_digits,
    temperature,
)


def planted_logits(sharpness: float) -> tuple[np.ndarray, np.ndarray]:
    """Labels drawn from the softmax of honest logits, and those logits `sharpness` times."""
    rng = np.random.default_rng(0)
    honest = 2 * rng.standard_normal((4000, 10))
    probs = np.exp(honest) / np.exp(honest).sum(axis=1, keepdims=True)
    labels = np.array([rng.choice(10, p=p) for p in probs])
    return (sharpness * honest).astype(np.float32), labels


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_too_much_and_too_little_confidence(sharpness: float) -> None:
    assert temperature(*planted_logits(sharpness)) == pytest.approx(sharpness, rel=0.1)


def test_digits_of_scans_and_of_pens_pass_and_drawings_of_no_digits_stand_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, count in (("DRAWINGS", 10), ("PEN_DIGITS", 300)):
        monkeypatch.setattr(f"vae_model.evaluation.fit_calibration.{name}", count)
    test = load_sample().test.part(0, 300)
    images, labels = test.images.numpy().reshape(-1, 28, 28), test.labels.numpy()
    engine = DigitEngine.load("checkpoints/studio")
    calibration = fit(engine, images, labels, {"by": "test"})

    def flagged(seen: np.ndarray) -> float:
        return float((calibration.ood_score(engine.statistics(seen)) > 0).mean())

    assert flagged(normalized(255 * images)) <= 0.02
    assert flagged(normalized(255 * pen_digits(300, 1))) <= 0.02
    for kind in ("hatching", "face"):
        assert flagged(normalized(non_digits.drawings(kind, 20, tuning=False))) > 0.5
    assert calibration.about["images"] == 300


def test_what_a_hand_keeps_is_found_in_digits_that_hands_wrote() -> None:
    """Hands that keep one direction across two dims, and everything else not at all."""
    engine = DigitEngine.load("checkpoints/article")
    rng = np.random.default_rng(0)
    kept = np.zeros(engine.z_dim)
    kept[[2, 6]] = np.sqrt(0.5)
    hands = rng.standard_normal((100, 1, 1)) * np.sqrt(0.8)
    scatter = rng.standard_normal((100, 20, engine.z_dim))
    along = hands + np.sqrt(0.2) * scatter @ kept[:, None]
    styles = scatter + (along - scatter @ kept[:, None]) * kept
    labels = rng.integers(0, 10, (100, 20)).ravel()
    images = engine.decode(styles.reshape(-1, engine.z_dim).astype(np.float32), one_hot(labels))
    habits = hand_habits(engine, images, labels)
    assert habits.share[0] > 0.35 > 0.2 > max(habits.share[1:], default=0)
    reading, writing = np.array(habits.reading), np.array(habits.writing)[0]
    assert reading[0] @ writing == pytest.approx(1, abs=0.01)
    assert abs(writing @ kept) > 0.9 * np.linalg.norm(writing)
    # In any other order nobody's hand is left.
    mixed = rng.permutation(len(images))
    assert max(hand_habits(engine, images[mixed], labels[mixed]).share, default=0) < 0.1


def test_what_a_hand_keeps_is_not_how_it_repeats_one_digit() -> None:
    """Hands that write each digit always alike, and no two digits alike."""
    engine = DigitEngine.load("checkpoints/article")
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 10, (150, 20))
    habits = rng.standard_normal((150, 10, engine.z_dim)).astype(np.float32)
    styles = np.take_along_axis(habits, labels[..., None], axis=1).reshape(-1, engine.z_dim)
    images = engine.decode(styles, one_hot(labels.ravel()))
    assert max(hand_habits(engine, images, labels.ravel()).share, default=0) < 0.15


def test_every_second_training_digit_is_in_order_of_writers() -> None:
    assert in_order_of_writers(np.arange(6)).tolist() == [1, 3, 5]
