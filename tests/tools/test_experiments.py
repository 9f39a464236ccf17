"""The small models that come with the app are those that the tool trains."""

import pytest

from tests.support.app import ROOT
from tools.experiments import ALIKE, FOLDER, MODELS
from vae_model.commands.arguments import chosen, parser
from vae_model.model.checkpoint import load
from vae_model.runs.spec import TrainingSpec


@pytest.mark.parametrize("name", MODELS)
def test_a_shipped_model_is_what_the_tool_trains(name: str) -> None:
    options = parser(None).parse_args(["train", *ALIKE, *MODELS[name], "--out", "x"])
    shipped = load(ROOT / FOLDER / name)
    assert chosen(options) == TrainingSpec("quick", shipped.model, shipped.train, "mnist")


def test_there_are_no_others() -> None:
    assert {path.name for path in (ROOT / FOLDER).iterdir()} == set(MODELS)
