"""The X-ray page: every figure is measured on the loaded model."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.support.models import AddModel
from tests.support.seen import html, open_page, pictures, text, words
from ui.shared import board, dims, ink, mnist_sample, shelf
from ui.shared.browser.tensors import digest
from ui.shared.dims import style_order, traits_of
from ui.shared.latents import latents_of
from ui.shared.words import plain, signed
from ui.xray import views
from vae_model.engine import forward
from vae_model.engine.digit_engine import DigitEngine, one_hot
from vae_model.engine.style_names import FEATURES, Trait


def test_a_strip_is_what_the_engine_decodes(shipped: DigitEngine) -> None:
    styles = np.zeros((3, shipped.z_dim), np.float32)
    styles[:, 2] = (-3, 0, 3)
    expected = shipped.decode(styles, one_hot([5, 5, 5]))
    assert np.array_equal(views.strip(shipped, 2, 5, styles[:, 2]), expected)


def test_the_price_is_the_models_own_measurement_or_about_the_same(
    shipped: DigitEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = views.price(shipped)
    assert (stored.awake, stored.images) == (shipped.checkpoint.metrics["active_dims"], 10_000)
    assert stored.total == pytest.approx(shipped.checkpoint.metrics["kl"])
    monkeypatch.setattr(dims, "evaluated_price", lambda engine: None)
    measured = views.price(shipped)
    assert (measured.awake, measured.images) == (stored.awake, 2000)
    assert measured.total == pytest.approx(stored.total, rel=0.03)


def test_latents_are_the_engines_readings(shipped: DigitEngine) -> None:
    measured = latents_of(shipped)
    images, _ = mnist_sample.test_digits()
    for row in (0, 777, 1999):
        reading = shipped.read(images[row])
        assert measured.mean[row] == pytest.approx(reading.style_mean, abs=1e-5)
        assert measured.read[row] == reading.digit
        written = shipped.write(reading.style_mean[None], one_hot([reading.digit]))
        nll = shipped.recon_nll(written, images[row][None])[0]
        kl = forward.kl_per_dim(reading.style_mean, reading.style_std).sum()
        assert measured.nats[row] == pytest.approx(nll + kl, rel=1e-4)


def test_effects_come_strongest_first_and_small_ones_not_at_all() -> None:
    values = dict.fromkeys(FEATURES, 0.1)
    values |= {"ink": -0.75, "slant": 0.25, "width": 0.5, "height": -0.6}
    assert views.effects(Trait(0, "", "", "", tuple(values.values()))) == [
        ("strong", [("ink", -0.75)]),
        ("clear", [("height", -0.6), ("width", 0.5)]),
        ("some", [("slant", 0.25)]),
    ]


def test_every_dim_with_its_price_its_correlations_and_the_chosen_digit(app: AppTest) -> None:
    page = open_page(app, "xray")
    offered = shelf.models().engines
    engine = offered["studio"]
    said = words(page)
    costs = sorted(engine.checkpoint.metrics["kl_per_dim"], reverse=True)
    prices = [f"{plain(nats, 2 if nats >= 0.02 else 4)} nats" for nats in costs]
    assert [each for each in said if each.endswith(" nats")][: engine.z_dim] == prices
    for other in offered.values():
        assert f"{plain(other.checkpoint.metrics['kl'], 1)} nats" in said
    correlations = [signed(r) for each in traits_of(engine) for r in each.correlations]
    assert all(said.count(each) >= correlations.count(each) for each in correlations)
    dim = style_order(engine)[0][0]

    def is_written(digit: int) -> bool:
        seen, strip = pictures(page).values(), views.strip(engine, dim, digit)
        return all(f"--ink:url({ink.url(each, scale=3)})" in seen for each in strip)

    page.segmented_control(key="xray_digit").set_value(8).run()
    assert is_written(8)
    page.session_state[board.KEPT] = {digest(engine): board.start([0.0] * engine.z_dim, 5)}
    page.run()
    assert is_written(5)


def test_no_price_is_read_aloud_because_another_is_shown(page: AppTest) -> None:
    assert "<output" not in html(page)


@pytest.mark.parametrize(
    ("kl", "said"), [([3, 2, 1, 0.001], "This dim says"), ([3, 2, 0, 0], "These dims say")]
)
def test_what_is_asleep_is_spoken_of_in_its_number(
    add_model: AddModel, app: AppTest, kl: list[float], said: str
) -> None:
    add_model(metrics={"kl_per_dim": kl, "samples": {"kl": 10}})
    assert any(each.value.startswith(said) for each in open_page(app, "xray").markdown)


@pytest.mark.parametrize(
    "metrics",
    [{}, {"kl_per_dim": [1, 2, "3", 4], "samples": {"kl": 5}}, {"kl_per_dim": "x", "samples": 3}],
)
def test_a_model_without_figures_is_measured_here(
    add_model: AddModel, app: AppTest, metrics: dict[str, object]
) -> None:
    add_model(metrics=metrics)
    assert "4 of 4 dims awake, on 2,000 test images" in text(open_page(app, "xray"))


def test_each_models_price_says_how_many_images_it_was_measured_on(
    add_model: AddModel, app: AppTest
) -> None:
    add_model("studio", metrics={"kl_per_dim": [1, 2, 3, 4], "samples": {"kl": 10_000}})
    add_model("article")
    said = text(open_page(app, "xray"))
    assert said.count("on 10,000 test images") == said.count("on 2,000 test images") == 1
    assert not any("images" in each.value for each in app.caption)
