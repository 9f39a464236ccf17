"""Pairs and distances are those that were measured, and what cannot be is left out."""

import base64

import numpy as np
import pytest

from tests.support.models import with_metrics
from ui.models import copying
from ui.shared import ink
from ui.shared.measures import shown
from ui.shared.words import plain, with_article
from vae_model.engine.digit_engine import DigitEngine, one_hot


def test_the_distance_shown_is_that_of_the_two_pictures(shipped: DigitEngine) -> None:
    pairs = copying.pairs(shipped)
    assert [pair.digit for pair in pairs] == list(range(10))
    written = shipped.decode(np.stack([pair.style for pair in pairs]), one_hot(range(10)))
    html = copying.pictures(shipped, "it")
    for pair, image in zip(pairs, written, strict=True):
        distance = float(np.linalg.norm(image - pair.image))
        assert distance == pytest.approx(pair.distance, abs=1e-4)
        other = "" if pair.label == pair.digit else f", {with_article(pair.label)}"
        assert f">{plain(distance, 1)}{other}<" in html
        assert ink.url(image, scale=copying.SCALE) in html
        assert ink.url(pair.image, scale=copying.SCALE) in html


def test_medians_are_those_measured(shipped: DigitEngine) -> None:
    metrics = shipped.checkpoint.metrics
    text = copying.distances(shipped, copying.reach({"it": shipped})).striptags()
    for kind, key in {"generated": "", "unseen": "_unseen", "rewritten": "_rewritten"}.items():
        median = shown(metrics[f"nearest_distance{key}"], "number")
        assert f"{copying.KINDS[kind]}{median}" in text
    said = copying.verdict(shipped)
    assert f"{100 * metrics['nearest_is_training']:.1f} % of 1,000 that it writes" in said
    assert f"Chance: {100 * metrics['nearest_is_training_chance']:.1f} %" in said


def test_shipped_models_do_not_copy(shipped: DigitEngine) -> None:
    metrics = shipped.checkpoint.metrics
    assert metrics["nearest_distance"] > 0.95 * metrics["nearest_distance_rewritten"]
    chance = pytest.approx(metrics["nearest_is_training_chance"], abs=0.04)
    assert metrics["nearest_is_training"] == chance
    # Nor in the nearest hundredth.
    quantiles = metrics["nearest_quantiles"]
    assert quantiles["generated"][0] > 0.9 * quantiles["rewritten"][0]


IMAGE = base64.b64encode(bytes(784)).decode()
PAIR = {"digit": 3, "style": [0.5] * 10, "label": 3, "distance": 4.0, "image": IMAGE}


@pytest.mark.parametrize(
    "value",
    [
        *(None, "x", [], 3, {}),
        *(PAIR | {"digit": value} for value in (10, -1, True, 3.0, None, "3")),
        *(PAIR | {"label": value} for value in (10, "<b>", None)),
        *(PAIR | {"distance": value} for value in (-1, "4", float("nan"), 10**400)),
        *(PAIR | {"style": value} for value in (None, [], [0.5] * 9, ["x"] * 10, [1e30] * 10)),
        *(PAIR | {"style": [*[0.0] * 9, value]} for value in (float("inf"), 10**400, None)),
        *(PAIR | {"image": value} for value in (None, 3, "", "x", "é" * 1048, IMAGE[:-4])),
        *(PAIR | {"image": value} for value in (IMAGE + IMAGE, "A" * 10_000_000)),
    ],
    ids=lambda value: str(value)[-30:],
)
def test_a_damaged_pair_is_left_out_and_others_stay(shipped: DigitEngine, value: object) -> None:
    good = PAIR | {"digit": 5, "style": [0.5] * shipped.z_dim}
    told = with_metrics(shipped, nearest_pairs=[value, good])
    assert [pair.digit for pair in copying.pairs(told)] == [5]
    assert copying.pictures(with_metrics(shipped, nearest_pairs=[value]), "it") == ""


def test_no_digit_comes_twice_and_no_more_than_ten_are_looked_at(shipped: DigitEngine) -> None:
    pair = PAIR | {"style": [0.0] * shipped.z_dim}
    assert len(copying.pairs(with_metrics(shipped, nearest_pairs=[pair] * 100_000))) == 1


@pytest.mark.parametrize("row", [None, [1, 2, 3], [5, 4, 3, 2, 1], [1, 2, 3, 4, "x"],
                                 [-1, 2, 3, 4, 5], [1, 2, 3, 4, 10**400]])  # fmt: skip
@pytest.mark.parametrize("whole", [True, False])
def test_damaged_distances_are_left_out(shipped: DigitEngine, row: object, whole: bool) -> None:
    engine = with_metrics(shipped, nearest_quantiles={"generated": row} if whole else row)
    assert copying.distances(engine, copying.reach({"it": engine})) == ""
    assert copying.verdict(engine) == ""


def test_distances_of_nothing_but_copies_can_be_drawn(shipped: DigitEngine) -> None:
    engine = with_metrics(shipped, nearest_quantiles={"generated": [0, 0, 0, 0, 0]})
    assert "left:0.0%" in copying.distances(engine, copying.reach({"it": engine}))
