"""What a calibration may be, and what it says."""

import json
import math
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from vae_model.model.calibration import TERMS, Calibration, Habits, parse, terms

GOOD: dict[str, Any] = {
    "temperature": 1.5,
    "mean": [1, 2, 3, 4],
    "std": [1, 1, 1, 0.5],
    "weights": [0.1] * TERMS,
    "limit": 2,
    "about": {"by": "held-out"},
}


HABITS = {"share": [0.9, 0.1], "reading": [[1, 2, 3], [0, 0, 1]], "writing": [[3, 2, 1]] * 2}
HABIT = {"share": [0.5], "reading": [[1, 0]], "writing": [[1, 0]]}


@pytest.mark.parametrize("habits", [None, HABITS, {"share": [], "reading": [], "writing": []}])
def test_what_was_saved_comes_back(habits: dict[str, Any] | None) -> None:
    calibration = parse(GOOD | {"habits": habits}, 3)
    assert calibration.std == (1, 1, 1, 0.5)
    assert (calibration.habits is None) == (habits is None)
    if habits:
        assert json.loads(json.dumps(asdict(calibration)))["habits"] == habits
    assert parse(json.loads(json.dumps(asdict(calibration))), 3) == calibration


def test_the_shares_of_dims_that_an_earlier_version_saved_are_habits() -> None:
    habits = parse(GOOD | {"hand_share": [0.5, 0]}, 2).habits
    assert habits == Habits((0.5, 0), ((1, 0), (0, 1)), ((1, 0), (0, 1)))


@pytest.mark.parametrize(
    "change",
    [
        *({"temperature": value} for value in (0, math.inf, 10**400, "1", True, [1])),
        *({"mean": [1, 2, 3, *last]} for last in ([], [math.nan], [10**400])),
        *({"mean": "1234"}, {"std": [1, 1, 1, 0]}, {"weights": [0.1] * (TERMS - 1)}),
        *({"limit": None}, {"limit": 1e12}),
        # One is of another z_dim.
        *({"hand_share": value} for value in ([0.5, 1.1], [0.5, math.nan], [0.5], "05")),
        *({"habits": "none"}, {"habits": {"share": [0.5], "reading": [[1, 0]]}}),
        *({"habits": HABIT | change} for change in (
            {"share": [1.5]}, {"reading": [[1, 0, 0]]}, {"writing": [[1, math.nan]]},
            {"writing": ["10"]}, {name: 3 * value for name, value in HABIT.items()})),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(change))):
        parse({**GOOD, **change}, 2)
    with pytest.raises(ValueError, match="object"):
        parse([change], 2)


def test_ood_score_is_a_weighted_sum_above_its_limit() -> None:
    weights = (2.0,) + (0.0,) * (TERMS - 1)
    calibration = Calibration(1, (1, 2, 3, 4), (1, 1, 1, 0.5), weights, 3.0, {})
    usual = np.array([[1.0, 2, 3, 4]])
    assert calibration.ood_score(usual) == pytest.approx([-3])
    assert calibration.ood_score(usual + np.array([2.0, 9, 9, 9])) == pytest.approx([1])


def test_terms_are_the_statistics_and_their_products() -> None:
    found = terms(np.array([[1.0, 2, 3, -100]]))[0]
    assert found.tolist()[:5] == [1, 2, 3, -8, 0.25]
    assert len(found) == TERMS
