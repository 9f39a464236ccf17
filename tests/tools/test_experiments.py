"""The small models that come with the app are those that the tool trains."""

from pathlib import Path

import pytest

from tools.experiments import ALIKE, FOLDER, MODELS
from vae_model.commands.arguments import chosen, parser
from vae_model.model.checkpoint import load
from vae_model.runs.spec import TrainingSpec

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", MODELS)
def test_a_shipped_model_is_what_the_tool_trains(name: str) -> None:
    options = parser(None).parse_args(["train", *ALIKE, *MODELS[name], "--out", "x"])
    shipped = load(ROOT / FOLDER / name)
    assert chosen(options) == TrainingSpec("quick", shipped.model, shipped.train, "mnist")


def test_there_are_no_others() -> None:
    assert {path.name for path in (ROOT / FOLDER).iterdir()} == set(MODELS)
