"""The Inside page: every number on it is the engine's."""

import re
from typing import get_args

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.support.models import AddModel, changed, random_checkpoint
from tests.support.seen import open_page, pictures, words
from ui.inside import machine, parts, stops, walk
from ui.shared import ink, mnist_sample
from ui.shared.drawing import Told
from ui.shared.parts import pixels
from ui.shared.words import plain, share, signed
from vae_model.engine.digit_engine import DigitEngine, one_hot
from vae_model.model.config import Activation, TrainConfig
from vae_model.model.fields import FIELDS


def of(engine: DigitEngine, digit: int, dims: str = walk.AS_TRAINED, seed: int = 0) -> walk.Walk:
    """The way of the first test digit of its kind."""
    return walk.of(engine, mnist_sample.of_digit(digit), digit, walk.draw(engine, seed)[0], dims)


def view(now: walk.Walk, name: str) -> str:
    return stops.STOPS[name](now).view.striptags()


def probabilities(now: walk.Walk) -> np.ndarray:
    """Of the ten digits as the networks get them: not tempered by what was measured."""
    logits = now.engine.see(now.image[None]).digit_logits[0].astype(np.float64)
    return np.exp(logits) / np.exp(logits).sum()


def test_the_style_is_the_encoders_with_noise_and_without_it_the_engines_redrawing_comes_out(
    shipped: DigitEngine,
) -> None:
    now, again = of(shipped, 4, walk.HARD), of(shipped, 4, seed=1)
    reading = shipped.read(now.image)
    assert now.read == reading.digit == 4 and not np.array_equal(now.noise, again.noise)
    for each in (now, again):
        drawn = reading.style_mean + reading.style_std * each.noise
        assert each.style == pytest.approx(drawn, abs=1e-5)
    still = walk.of(shipped, now.image, 4, 0 * now.noise, walk.HARD)
    assert still.made == pytest.approx(reading.reconstruction, abs=1e-5)


def test_the_decoder_gets_the_digit_dims_of_training_or_those_asked(shipped: DigitEngine) -> None:
    soft, hard = probabilities(of(shipped, 2)), one_hot([2])[0]
    trained = soft if shipped.name == "article" else hard
    asked = [(walk.AS_TRAINED, trained), (walk.SOFT, soft), (walk.HARD, hard)]
    for dims, expected in [*asked, ("a plain 7", one_hot([7])[0])]:
        assert of(shipped, 2, dims).digit_dims == pytest.approx(expected, abs=1e-6)


def test_the_decoder_that_learned_from_labels_gets_the_label_though_another_digit_is_read(
    shipped: DigitEngine,
) -> None:
    image, noise = mnist_sample.of_digit(2), walk.draw(shipped, 0)[0]
    labelled, drawn = (walk.of(shipped, image, label, noise) for label in (5, None))
    expected = probabilities(drawn) if shipped.name == "article" else one_hot([5])[0]
    assert labelled.digit_dims == pytest.approx(expected, abs=1e-6)
    assert drawn.digit_dims.argmax() == drawn.label == labelled.read == 2
    for now, said in ((labelled, "right digit"), (drawn, "digit read: a drawing has no label")):
        meanings = [meaning for _, meaning, _ in stops.STOPS["Loss"](now).symbols]
        assert f"probability of the {said}" in meanings


def test_the_drawing_shows_what_was_read_and_from_join_on_what_the_decoder_gets(
    shipped: DigitEngine,
) -> None:
    now = of(shipped, 4, "a plain 7")
    for stop in range(len(stops.NAMES)):
        heights = re.findall(r'<b style="height:(\d+)%">', machine.drawing(now, stop))
        assert heights.index("100") == (7 if stop >= machine.JOIN else 4)


def test_the_pages_numbers_are_the_engines(shipped: DigitEngine) -> None:
    now = of(shipped, 4)
    reading = shipped.read(now.image)
    symbols = {str(name): value for name, _, value in stops.STOPS["Digit"](now).symbols}
    assert symbols["p<sub>4</sub>"] == share(float(reading.digit_probs.max()))
    assert now.awake and len(now.awake) + len(now.asleep) == shipped.z_dim
    for dim in (each.dim for each in now.awake):
        mean, std = float(reading.style_mean[dim]), float(reading.style_std[dim])
        assert f"{signed(mean)} ± {std:.2f}" in view(now, "μ and σ")
    assert all(plain(float(value)) in view(now, "Join") for value in now.style)
    train = shipped.checkpoint.train
    kl, right = float(now.kl_per_dim.sum()), probabilities(now)[4]
    assert now.cross_entropy == pytest.approx(-np.log(right), abs=1e-4)
    total = now.recon_nll + train.beta * kl + train.classification_weight * now.cross_entropy
    assert plain(total) in view(now, "Loss")
    assert f"now{plain(now.recon_nll, 1)}" in view(now, "Loss")
    for digit in ("4", "7"):
        cost = of(shipped, 4, f"a plain {digit}").recon_nll
        assert f"{digit}{plain(cost, 1)}" in view(now, "Loss")


def test_another_style_or_digit_costs_what_a_walk_with_it_costs(shipped: DigitEngine) -> None:
    now = of(shipped, 4, walk.HARD)
    styles = np.stack([now.style, now.style, of(shipped, 4, seed=5).style])
    images, nats = walk.others(now, styles, one_hot([4, 7, 4]))
    walks = [now, of(shipped, 4, "a plain 7"), of(shipped, 4, walk.HARD, seed=5)]
    for image, cost, each in zip(images, nats, walks, strict=True):
        assert image == pytest.approx(each.made, abs=1e-5)
        assert cost == pytest.approx(each.recon_nll, rel=1e-5)
    assert nats[0] < nats[1]


@pytest.mark.parametrize(
    "weight", [name for name, field in FIELDS.items() if field.group == "Penalties"]
)
def test_the_loss_names_penalties_where_training_had_any(shipped: DigitEngine, weight: str) -> None:
    trained = changed(shipped, train=TrainConfig(**{weight: 2.0}))
    is_weight = weight != "penalty_start_epoch"
    assert ("penalties on top" in stops.STOPS["Loss"](of(trained, 4)).words) == is_weight


def test_every_stop_shows_formula_symbols_and_numbers(shipped: DigitEngine) -> None:
    now = of(shipped, 8)
    drawings = {machine.drawing(now, number) for number in range(len(stops.STOPS))}
    assert len(drawings) == len(stops.STOPS) and all(" lit" in drawing for drawing in drawings)
    for stop in (make(now) for make in stops.STOPS.values()):
        assert stop.formulas and len(stop.symbols) >= 3 and stop.view
        assert "nan" not in stop.view.striptags() and all(value for _, _, value in stop.symbols)
    said = [what for _, what, _ in stops.STOPS["Digit"](now).symbols]
    assert "the probability of an 8" in said


@pytest.mark.parametrize(
    ("kl", "said"),
    [
        ([0.001], "Its only dim sleeps"), ([0.001] * 4, "All 4 dims sleep"),
        ([1, 0.001], "One more dim sleeps"), ([1, 0.001, 0.001], "2 more dims sleep"),
    ],
)  # fmt: skip
def test_dims_are_counted_as_people_do(kl: list[float], said: str) -> None:
    metrics = {"kl_per_dim": kl, "samples": {"kl": 10}}
    now = of(DigitEngine(random_checkpoint(0, metrics, z_dim=len(kl), decoder_hidden=(1,))), 8)
    shown = view(now, "μ and σ")
    assert said in shown and ("it says nothing" in shown) == ("sleeps" in said)
    told = {value for name in stops.NAMES for _, _, value in stops.STOPS[name](now).symbols}
    assert "1 unit" in told and not {"1 units", "1 numbers"} & told
    assert ("1 number" in told) == (len(kl) == 1)


def test_the_drawing_is_named_after_the_digit_that_the_decoder_gets(shipped: DigitEngine) -> None:
    for dims, digit in ((walk.SOFT, 4), ("a plain 7", 7)):
        assert f"digit {digit} into the decoder" in machine.drawing(of(shipped, 4, dims), 0)


def test_the_difference_has_two_signs_and_no_dust() -> None:
    image, made = np.zeros((2, 28, 28), np.float32)
    image[:14], made[14:] = 1, 1
    dusty = made + np.where(made + image == 0, 0, np.float32(0.05))
    shown = parts.compared(image, dusty.clip(0, 1))
    too_little = np.where(image, np.float32(0.95), 0)
    assert pixels(made, "Difference: too much", "plus") in shown
    assert pixels(too_little, "Difference: too little", "minus") in shown


def test_next_and_back_walk_through_all_stops(page: AppTest) -> None:
    titles = [page.header[0].value]
    for _ in stops.NAMES[1:]:
        page.button[1].click().run()
        titles.append(page.header[0].value)
        assert page.latex
    assert len(set(titles)) == len(stops.NAMES)
    assert page.button[1].disabled
    page.button[0].click().run()
    assert page.header[0].value == titles[-2]


def test_play_goes_on_by_itself_and_stops_at_the_end(page: AppTest) -> None:
    page.button(key="play").click().run()
    assert page.button(key="play").label == "Pause"
    titles = []
    for _ in stops.NAMES[1:]:
        page.session_state["inside_played"] = -1e9
        page.run()
        titles.append(page.header[0].value)
    assert len(set(titles)) == len(stops.NAMES) - 1
    assert "inside_played" not in page.session_state
    assert page.button(key="play").label == "Play"
    page.button(key="play").click().run()
    assert page.session_state["stop"] == stops.NAMES[0]
    # A step by hand ends it.
    page.button[1].click().run()
    assert page.button(key="play").label == "Play"
    assert page.session_state["stop"] == stops.NAMES[1]


def test_another_draw_another_style(page: AppTest) -> None:
    page.session_state["stop"] = "Draw"
    first = words(page.run())
    page.button(key="again").click().run()
    assert words(page) != first
    page.session_state["inside_noise"] = "0"
    page.run()
    assert page.button(key="again").disabled


def test_the_digit_dims_can_be_chosen(page: AppTest) -> None:
    page.session_state["stop"] = "Join"
    page.run()
    for dims in (walk.SOFT, walk.HARD, "a plain 7"):
        page.selectbox(key="inside_dims").set_value(dims).run()
        shares = [float(said) for said in words(page)[-19::2]]
        assert sum(shares) == pytest.approx(1, abs=0.06)
        assert dims == walk.SOFT or sorted(shares) == [0] * 9 + [1]
    assert shares[7] == 1


def test_the_visitors_own_drawing_walks_too(add_model: AddModel, app: AppTest) -> None:
    add_model()
    page = open_page(app, "inside")
    assert page.selectbox(key="inside_image").value == "an example of 4"
    page.session_state["images"] = {"Draw": mnist_sample.of_digit(9)}
    page.run()
    assert page.selectbox(key="inside_image").value == "your drawing"
    page.selectbox(key="inside_image").set_value("an example of 7").run()
    assert page.run().selectbox(key="inside_image").value == "an example of 7"
    page.session_state["images"] = {"Draw": mnist_sample.of_digit(8)}
    assert page.run().selectbox(key="inside_image").value == "your drawing"
    page.session_state["images"] = {"Draw": mnist_sample.of_digit(9)}
    page.run()
    pixels = ink.url(mnist_sample.of_digit(9), scale=8, look="pixels")
    assert pictures(page)["The image in 28 by 28 pixels"] == f"--ink:url({pixels})"


def test_a_drawing_has_the_label_that_its_visitor_gave_it_and_no_other_has(
    add_model: AddModel, app: AppTest
) -> None:
    add_model()
    page = open_page(app, "inside")
    page.session_state["stop"] = "Loss"
    page.session_state["images"] = {"Draw": mnist_sample.of_digit(1)}
    for given, said in ((1, "right digit"), (7, "digit read: a drawing has no label")):
        page.session_state["digit_told"] = Told(mnist_sample.of_digit(given), 3)
        assert f"probability of the {said}" in words(page.run())


def test_every_activation_is_told_in_words() -> None:
    assert stops.TEXTS["activations"].keys() == {*get_args(Activation)}
