"""Pairs and distances are those that were measured, and what cannot be is left out."""

import base64
import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest

from ui.models import copying
from ui.models.measures import shown
from ui.shared import ink
from vae_model.engine.digit_engine import DigitEngine, one_hot

ARTICLE = Path(__file__).resolve().parents[3] / "checkpoints" / "article"


def with_metrics(engine: DigitEngine, **metrics: object) -> DigitEngine:
    return DigitEngine(dataclasses.replace(engine.checkpoint, metrics=metrics))


def test_the_distance_shown_is_that_of_the_two_pictures(shipped: DigitEngine) -> None:
    pairs = copying.pairs(shipped)
    assert [pair.digit for pair in pairs] == list(range(10))
    written = shipped.decode(np.stack([pair.style for pair in pairs]), one_hot(range(10)))
    text = copying.pictures(shipped, "it")
    captions = re.findall("<figcaption>([0-9.]+)", text)
    for pair, image, caption in zip(pairs, written, captions, strict=True):
        distance = float(np.linalg.norm(image - pair.image))
        assert distance == pytest.approx(pair.distance, abs=1e-4)
        assert caption == shown(distance, "number")
        assert ink.url(image, scale=copying.SCALE) in text
        assert ink.url(pair.image, scale=copying.SCALE) in text


def test_the_pictures_are_those_stored_with_their_labels(shipped: DigitEngine) -> None:
    listed = shipped.checkpoint.metrics["nearest_pairs"]
    for pair, stored in zip(copying.pairs(shipped), listed, strict=True):
        assert bytes((255 * pair.image).round().astype(np.uint8).ravel()) == base64.b64decode(
            stored["image"]
        )
    # A training digit that is another one is said to be.
    other = [stored for stored in listed if stored["label"] != stored["digit"]]
    text = copying.pictures(shipped, "it")
    assert len(re.findall(r"<figcaption>[0-9.]+, an? \d", text)) == len(other)


def test_medians_are_those_measured(shipped: DigitEngine) -> None:
    metrics = shipped.checkpoint.metrics
    most = copying.reach({"it": shipped})
    outputs = re.findall("<output>([^<]*)</output>", copying.distances(shipped, most))
    keys = ("nearest_distance", "nearest_distance_unseen", "nearest_distance_rewritten")
    assert outputs == [shown(metrics[key], "number") for key in keys]
    said = copying.verdict(shipped)
    assert f"{100 * metrics['nearest_is_training']:.1f} % of 1,000 that it writes" in said
    assert f"Chance: {100 * metrics['nearest_is_training_chance']:.1f} %" in said


def test_shipped_models_do_not_copy(shipped: DigitEngine) -> None:
    metrics = shipped.checkpoint.metrics
    assert metrics["nearest_distance"] > 0.95 * metrics["nearest_distance_rewritten"]
    assert metrics["nearest_is_training"] == pytest.approx(
        metrics["nearest_is_training_chance"], abs=0.04
    )
    # Nor in the nearest hundredth.
    quantiles = metrics["nearest_quantiles"]
    assert quantiles["generated"][0] > 0.9 * quantiles["rewritten"][0]


Z_DIM = 10
IMAGE = base64.b64encode(bytes(784)).decode()
PAIR = {"digit": 3, "style": [0.5] * Z_DIM, "label": 3, "distance": 4.0, "image": IMAGE}


@pytest.mark.parametrize(
    "value",
    [
        *(None, "x", [], 3, {}),
        *(PAIR | {"digit": value} for value in (10, -1, True, 3.0, None, "3")),
        *(PAIR | {"label": value} for value in (10, "<b>", None)),
        *(PAIR | {"distance": value} for value in (-1, "4", float("nan"), 10**400)),
        *(PAIR | {"style": value} for value in (None, [], [0.5] * 9, ["x"] * 10, [1e30] * 10)),
        *(PAIR | {"style": [*[0.0] * 9, value]} for value in (float("inf"), 10**400, None, True)),
        *(PAIR | {"image": value} for value in (None, 3, "", "x", "é" * 1048, IMAGE[:-4])),
        PAIR | {"image": base64.b64encode(bytes(785)).decode()},
        PAIR | {"image": "A" * 10_000_000},
    ],
)
def test_a_damaged_pair_is_left_out_and_the_others_stay(value: object) -> None:
    article = DigitEngine.load(ARTICLE)
    told = with_metrics(article, nearest_pairs=[value, PAIR | {"digit": 5}])
    assert [pair.digit for pair in copying.pairs(told)] == [5]
    assert copying.pictures(told, "it").count("<figure>") == 1
    assert copying.pictures(with_metrics(article, nearest_pairs=[value]), "it") == ""


def test_no_digit_comes_twice_and_no_more_than_ten_are_looked_at(shipped: DigitEngine) -> None:
    pair = PAIR | {"style": [0.0] * shipped.z_dim}
    many = with_metrics(shipped, nearest_pairs=[pair] * 100_000)
    assert len(copying.pairs(many)) == 1


@pytest.mark.parametrize("told", [None, [], "x", {}, {"generated": [1, 2, 3]},
                                  {"generated": [5, 4, 3, 2, 1]}, {"generated": [1, 2, 3, 4, "x"]},
                                  {"generated": [-1, 2, 3, 4, 5]},
                                  {"generated": [1, 2, 3, 4, 10**400]}])  # fmt: skip
def test_damaged_distances_are_left_out(shipped: DigitEngine, told: object) -> None:
    engine = with_metrics(shipped, nearest_quantiles=told)
    assert copying.distances(engine, copying.reach({"it": engine})) == ""
    assert copying.verdict(engine) == ""


def test_distances_of_nothing_but_copies_can_be_drawn(shipped: DigitEngine) -> None:
    engine = with_metrics(shipped, nearest_quantiles={"generated": [0, 0, 0, 0, 0]})
    assert "left:0.0%" in copying.distances(engine, copying.reach({"it": engine}))
