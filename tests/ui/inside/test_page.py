"""The Inside page: every number on it is the engine's."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ui.inside import stops, walk
from ui.shared import ink, mnist_sample
from ui.shared.dims import style_dims, style_order
from ui.shared.drawing import Source
from ui.shared.words import plain, share, signed
from vae_model.engine.digit_engine import DigitEngine, one_hot

AddModel = Callable[..., object]
CHECKPOINTS = Path(__file__).resolve().parents[3] / "checkpoints"


def html(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html"))


@pytest.fixture(params=["studio", "article"])
def shipped(request: pytest.FixtureRequest) -> DigitEngine:
    return DigitEngine.load(CHECKPOINTS / request.param)


@pytest.fixture
def page(add_model: AddModel, app: AppTest) -> AppTest:
    add_model()
    app.run().switch_page("ui/inside/page.py").run()
    assert not app.exception
    return app


def view(now: walk.Walk, name: str) -> stops.Stop:
    return stops.stop(stops.NAMES.index(name), now, *style_dims(now.engine))


def probabilities(now: walk.Walk) -> np.ndarray:
    """Of the ten digits as the networks get them: not tempered by what was measured."""
    logits = now.engine.look(now.image[None]).logits[0].astype(np.float64)
    return np.exp(logits) / np.exp(logits).sum()


def test_the_probability_that_the_draw_page_shows_stands_there_too(shipped: DigitEngine) -> None:
    image = mnist_sample.of_digit(2)
    now = walk.of(shipped, image, 2, walk.draw(shipped, 0)[0], None)
    said = {name: value for name, _, value in view(now, "Digit").symbols}
    reading = shipped.read(image)
    assert said[f"p<sub>{reading.digit}</sub>"] == share(float(reading.digit_probs.max()))


def test_without_noise_the_walk_ends_at_the_engines_reconstruction(shipped: DigitEngine) -> None:
    image = mnist_sample.of_digit(4)
    reading = shipped.read(image)
    still = np.zeros(shipped.z_dim, np.float32)
    now = walk.of(shipped, image, 4, still, one_hot([reading.digit])[0])
    assert now.read == reading.digit == 4
    assert now.made == pytest.approx(reading.reconstruction, abs=1e-5)
    assert now.style == pytest.approx(reading.style_mean, abs=1e-5)


def test_the_draw_moves_the_style_by_noise_times_width(shipped: DigitEngine) -> None:
    image, noise = mnist_sample.of_digit(7), walk.draw(shipped, 3)[0]
    reading = shipped.read(image)
    now = walk.of(shipped, image, 7, noise, None)
    assert now.style == pytest.approx(reading.style_mean + reading.style_std * noise, abs=1e-5)
    assert np.array_equal(walk.draw(shipped, 3)[0], noise)
    assert not np.array_equal(walk.draw(shipped, 4)[0], noise)


def test_each_model_gets_the_digit_dims_it_learnt_with(shipped: DigitEngine) -> None:
    image = mnist_sample.of_digit(2)
    now = walk.of(shipped, image, 2, walk.draw(shipped, 0)[0], None)
    expected = probabilities(now) if shipped.name == "article" else one_hot([2])[0]
    assert now.digit_dims == pytest.approx(expected, abs=1e-6)


def test_the_pages_numbers_are_the_engines(shipped: DigitEngine) -> None:
    image = mnist_sample.of_digit(4)
    reading = shipped.read(image)
    now = walk.of(shipped, image, 4, walk.draw(shipped, 0)[0], None)
    text = view(now, "μ and σ").view
    awake, _ = style_order(shipped)
    for dim in awake:
        mean, std = float(reading.style_mean[dim]), float(reading.style_std[dim])
        assert f"{signed(mean)} ± {std:.2f}" in text
    for value in now.style:
        assert f"<b>{plain(float(value))}</b>" in view(now, "Join").view
    terms = now.terms
    assert f"<td>{plain(terms.total)}</td>" in view(now, "Loss").view
    assert terms.cross_entropy == pytest.approx(-np.log(probabilities(now)[4]), abs=1e-4)
    assert terms.total == pytest.approx(
        terms.recon_nll + terms.beta * terms.kl + terms.weight * terms.cross_entropy
    )


def test_other_digits_keep_the_style_and_cost_more(shipped: DigitEngine) -> None:
    now = walk.of(shipped, mnist_sample.of_digit(4), 4, walk.draw(shipped, 0)[0], one_hot([4])[0])
    others = walk.as_other_digits(now)
    assert int(others.recon_nll.argmin()) == 4
    assert others.recon_nll[4] == pytest.approx(now.terms.recon_nll, rel=1e-5)
    styles = np.repeat(now.style[None], 10, axis=0)
    assert others.images == pytest.approx(shipped.decode(styles, one_hot(range(10))), abs=1e-5)


def test_another_draw_costs_what_a_walk_with_it_costs(shipped: DigitEngine) -> None:
    image = mnist_sample.of_digit(0)
    now = walk.of(shipped, image, 0, walk.draw(shipped, 0)[0], None)
    noise = walk.draw(shipped, 5, 3)
    others = walk.with_other_noise(now, noise)
    for row in range(3):
        again = walk.of(shipped, image, 0, noise[row], None)
        assert others.recon_nll[row] == pytest.approx(again.terms.recon_nll, rel=1e-5)


def test_every_stop_shows_formula_symbols_and_numbers(shipped: DigitEngine) -> None:
    now = walk.of(shipped, mnist_sample.of_digit(8), 8, walk.draw(shipped, 0)[0], None)
    for name in stops.NAMES:
        stop = view(now, name)
        assert stop.formulas and len(stop.symbols) >= 3 and stop.view
        shown = re.sub("base64,[^)]*", "", stop.view)
        assert "nan" not in shown and all(value for _, _, value in stop.symbols)
        assert len(re.findall(r"[.!?](?:\s|$)", stop.words)) <= 6


def test_next_and_back_walk_through_all_stops(page: AppTest) -> None:
    titles = [page.subheader[0].value]
    for _ in stops.NAMES[1:]:
        page.button[1].click().run()
        assert not page.exception
        titles.append(page.subheader[0].value)
        assert page.latex
    assert len(set(titles)) == len(stops.NAMES)
    assert page.button[1].disabled
    page.button[0].click().run()
    assert page.subheader[0].value == titles[-2]


def test_play_goes_on_by_itself_and_stops_at_the_end(page: AppTest) -> None:
    page.button(key="play").click().run()
    assert page.button(key="play").label == "Pause"
    titles = []
    for _ in stops.NAMES[1:]:
        page.session_state["inside_played"] = -1e9
        page.run()
        assert not page.exception
        titles.append(page.subheader[0].value)
    assert len(set(titles)) == len(stops.NAMES) - 1
    assert "inside_played" not in page.session_state
    assert page.button(key="play").label == "Play"
    page.button(key="play").click().run()
    assert page.session_state["stop"] == stops.NAMES[0]


def test_a_step_by_hand_ends_the_play(page: AppTest) -> None:
    page.button(key="play").click().run()
    page.button[1].click().run()
    assert page.button(key="play").label == "Play"
    assert page.session_state["stop"] == stops.NAMES[1]


def test_another_draw_another_style(page: AppTest) -> None:
    page.session_state["stop"] = "Draw"
    first = html(page.run())
    page.button(key="again").click().run()
    assert html(page) != first
    page.session_state["inside_noise"] = "0"
    page.run()
    assert page.button(key="again").disabled
    assert not page.exception


@pytest.mark.parametrize("dims", ["the ten probabilities", "the digit read", "a plain 7"])
def test_the_digit_dims_can_be_chosen(page: AppTest, dims: str) -> None:
    page.session_state["stop"] = "Join"
    page.selectbox(key="inside_dims").set_value(dims).run()
    assert not page.exception
    cells = re.findall(r"<small>(\d)</small><b>([\d.]+)</b>", html(page))
    values = {digit: float(value) for digit, value in cells}
    assert len(values) == 10
    assert sum(values.values()) == pytest.approx(1, abs=0.06)
    if dims == "a plain 7":
        assert values["7"] == 1


def test_the_visitors_own_drawing_walks_too(add_model: AddModel, app: AppTest) -> None:
    add_model()
    app.session_state["sources"] = {"Draw": Source(mnist_sample.of_digit(9), "Draw")}
    app.run().switch_page("ui/inside/page.py").run()
    assert not app.exception
    assert app.selectbox(key="inside_image").value == "your drawing"
    pixels = ink.url(mnist_sample.of_digit(9), scale=8, look="pixels")
    assert pixels in html(app)


def test_without_a_model_the_page_says_so(checkpoints: Path, app: AppTest) -> None:
    app.run().switch_page("ui/inside/page.py").run()
    assert not app.exception
    assert "no model" in app.info[0].value
    assert app.markdown[0].value.startswith("Follow one image")
