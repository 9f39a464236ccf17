"""What is said of a model follows from its checkpoint, and the commands make it again."""

import dataclasses
import shlex

import pytest

from tests.support.models import changed, with_metrics
from ui.models import card
from ui.shared.words import duration
from vae_model.commands import arguments
from vae_model.engine.digit_engine import DigitEngine


def test_weaknesses_follow_from_the_figures(shipped: DigitEngine) -> None:
    counts = [[100 if a == r else 0 for r in range(10)] for a in range(10)]
    counts[4][4], counts[4][9] = 80, 20
    weak = card.weaknesses(
        with_metrics(shipped, generation_confusion=counts, test_accuracy=0.99,
                     augmented_accuracy=0.59, digit_leak_sampled=0.5)
    )  # fmt: skip
    assert "Asked for a 4, it writes one that is read as 9 in 20.0 %" in weak[0]
    assert "40.0 points" in weak[1]
    assert "50.0 %" in weak[2]
    flawless = with_metrics(shipped, test_accuracy=0.99, augmented_accuracy=0.985)
    assert not any("points" in line for line in card.weaknesses(flawless))


@pytest.mark.parametrize(
    ("figures", "chance"),
    [
        ({"data": "mnist"}, 11.35),
        ({"data": "sample", "samples": {"digit_leak_sampled": 2000}}, 10.0),
        ({"data": ["x"], "samples": {"digit_leak_sampled": -4}}, 10.0),
    ],
)
def test_a_leak_is_held_against_the_chance_of_the_data_that_it_was_measured_on(
    shipped: DigitEngine, figures: dict[str, object], chance: float
) -> None:
    def weak(leak: float) -> list[str]:
        return card.weaknesses(with_metrics(shipped, digit_leak_sampled=leak, **figures))

    assert f"with 90.0 %; {chance:.2f} % is chance" in "".join(weak(0.9))
    assert not any("chance" in line for line in weak(chance / 100 + 0.005))


def test_a_model_that_copies_is_said_to(shipped: DigitEngine) -> None:
    def lines(**metrics: object) -> str:
        return " ".join(card.weaknesses(with_metrics(shipped, **metrics)))

    assert "may copy" in lines(nearest_distance=1.0, nearest_distance_rewritten=3.6)
    assert "may copy" in lines(nearest_is_training=1.0, nearest_is_training_chance=0.857)
    assert "may copy" not in lines(**shipped.checkpoint.metrics)


def commands(engine: DigitEngine) -> list[list[str]]:
    lines = [shlex.split(line) for line in card.recipe(engine).splitlines()]
    assert all(line[:3] == ["python", "-m", "vae_model"] for line in lines)
    return [line[3:] for line in lines]


def test_the_recipe_of_a_shipped_model_trains_calibrates_and_measures(shipped: DigitEngine) -> None:
    name = shipped.name
    assert commands(shipped) == [
        ["train", "--preset", name, "--data", "mnist", "--out", "build/again"],
        [*("train", "--preset", name, "--data", "mnist"),
         *("--hold-out", "5000", "--out", "build/again-held-out")],
        ["calibrate", "build/again", "--by", "build/again-held-out", "--data", "mnist"],
        ["evaluate", "build/again", "--data", "mnist", "--save"],
    ]  # fmt: skip


@pytest.mark.parametrize("preset", ["quick", "article", "nonsense", ["x"], None])
def test_the_recipe_makes_just_this_model(shipped: DigitEngine, preset: object) -> None:
    train = dataclasses.replace(shipped.checkpoint.train, epochs=3, learning_rate=0.00123, seed=7)
    own = changed(
        shipped,
        train=train,
        calibration=None,
        provenance={"preset": preset, "data": "sample", "held_out_training_images": 500},
        metrics={"data": "sample, 500 held-out training digits", "seed": 3},
    )
    training, evaluation = map(arguments.parser(None).parse_args, commands(own))
    setup = arguments.chosen(training)
    assert (setup.model, setup.train) == (own.checkpoint.model, own.checkpoint.train)
    assert (training.data, training.hold_out) == ("sample", 500)
    assert (evaluation.data, evaluation.hold_out, evaluation.seed) == ("sample", 500, 3)


@pytest.mark.parametrize("value", [["x"], "rm -rf /; echo", "mnist; ls", 10**400, -1, True])
def test_the_recipe_takes_no_text_from_the_json(shipped: DigitEngine, value: object) -> None:
    provenance = {"preset": value, "data": value, "held_out_training_images": value}
    own = changed(shipped, provenance=provenance, metrics={"data": value, "seed": value})
    text = card.recipe(own)
    assert not any(word in text for word in (";", "-rf", "[", "000000"))
    for line in commands(own):
        arguments.parser(None).parse_args(line)


def test_what_it_was_measured_on_is_a_fact(shipped: DigitEngine) -> None:
    assert card.facts(shipped)["measured on"] == "10,000 test digits of MNIST, seed 0"
    assert "measured on" not in card.facts(with_metrics(shipped))
    held_out = with_metrics(shipped, data="sample, 9998 held-out training digits")
    assert card.facts(held_out)["measured on"] == "the sample, 9,998 held-out training digits"
    origin = shipped.checkpoint.provenance
    assert card.facts(shipped)["checksum of the data"] == origin["data_checksum"]


def test_how_long_it_was_trained_is_told(shipped: DigitEngine) -> None:
    train, history = shipped.checkpoint.train, shipped.checkpoint.history
    seconds = sum(epoch["seconds"] for epoch in history)
    assert card.facts(shipped)["training time"] == duration(seconds)
    short = changed(shipped, history=[{"seconds": 1.3}, {"seconds": 1.1}])
    assert card.facts(short)["training time"] == "2 seconds"
    for engine, epochs in (
        (shipped, f"{train.epochs} epochs"),
        (changed(shipped, train=dataclasses.replace(train, epochs=1)), "1 epoch"),
        (changed(shipped, history=history[:8]), f"stopped after 8 of {train.epochs} epochs"),
        (changed(shipped, history=[]), f"at most {train.epochs} epochs"),
    ):
        assert card.facts(engine)["training"].startswith(f"{epochs} of batches of ")
