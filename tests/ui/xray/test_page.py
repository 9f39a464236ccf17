"""The X-ray page: every figure is measured on the loaded model."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ui.shared import ink, latents, metrics, mnist_sample, shelf
from ui.shared.dims import style_order, traits_of
from ui.shared.words import plain, signed
from ui.xray import views
from vae_model.engine import forward
from vae_model.engine.digit_engine import DigitEngine, one_hot
from vae_model.engine.style_names import FEATURES, Trait

AddModel = Callable[..., object]


def html(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html"))


def test_a_strip_is_what_the_engine_decodes(shipped: DigitEngine) -> None:
    styles = np.zeros((3, shipped.z_dim), np.float32)
    styles[:, 2] = (-3, 0, 3)
    expected = shipped.decode(styles, one_hot([5, 5, 5]))
    assert np.array_equal(views.strip(shipped, 2, 5, styles[:, 2]), expected)


def test_the_price_is_the_models_own_measurement(shipped: DigitEngine) -> None:
    price = metrics.evaluated(shipped, "it")
    assert price is not None
    assert price.total == pytest.approx(shipped.checkpoint.metrics["kl"])
    assert price.awake == 10
    assert price.images == 10_000


def test_measured_here_the_price_is_about_the_same(shipped: DigitEngine) -> None:
    price = views.measured(latents.measure(shipped), "it")
    assert price.images == 2000
    assert price.total == pytest.approx(shipped.checkpoint.metrics["kl"], rel=0.03)
    assert price.awake == 10


def test_latents_are_the_engines_readings(shipped: DigitEngine) -> None:
    measured = latents.measure(shipped)
    images, _ = mnist_sample.test_digits()
    for row in (0, 777, 1999):
        reading = shipped.read(images[row])
        assert measured.mean[row] == pytest.approx(reading.style_mean, abs=1e-5)
        assert measured.std[row] == pytest.approx(reading.style_std, rel=1e-5)
        assert measured.read[row] == reading.digit
        written = shipped.write(reading.style_mean[None], one_hot([reading.digit]))
        nll = shipped.recon_nll(written, images[row][None])[0]
        kl = forward.kl_per_dim(reading.style_mean, reading.style_std).sum()
        assert measured.nats[row] == pytest.approx(nll + kl, rel=1e-4)


def test_effects_come_strongest_first_and_small_ones_not_at_all() -> None:
    values = dict.fromkeys(FEATURES, 0.1) | {"ink": -0.75, "slant": 0.25, "width": 0.5}
    trait = Trait(0, "", "", "", tuple(values.values()))
    expected = [("ink", "strong", -0.75), ("width", "clear", 0.5), ("slant", "some", 0.25)]
    assert views.effects(trait) == expected


@pytest.fixture
def page(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.delenv("VAE_CHECKPOINTS_DIR", raising=False)
    app.run().switch_page("ui/xray/page.py").run()
    assert not app.exception
    return app


def test_every_dim_with_its_price_and_its_correlations(page: AppTest) -> None:
    engine = shelf.models().engines["studio"]
    text = html(page)
    for nats in engine.checkpoint.metrics["kl_per_dim"]:
        assert f"<output>{plain(nats, 2 if nats >= 0.02 else 4)} nats</output>" in text
    cells = re.findall(r"<td style=[^>]*>([^<]*)</td>", text)
    traits = traits_of(engine)
    assert len(cells) == engine.z_dim * len(FEATURES)
    assert sorted(cells) == sorted(signed(v) for each in traits for v in each.correlations)
    for name in ("studio", "article"):
        total = shelf.models().engines[name].checkpoint.metrics["kl"]
        assert f"<output>{plain(total, 1)} nats</output>" in text


def test_the_strips_show_the_chosen_digit(page: AppTest) -> None:
    engine = shelf.models().engines["studio"]
    page.session_state["xray_digit"] = 8
    page.run()
    assert not page.exception
    dim = style_order(engine)[0][0]
    for image in views.strip(engine, dim, 8):
        assert ink.url(image, scale=3) in html(page)


@pytest.mark.parametrize(
    "metrics",
    [{}, {"kl_per_dim": [1.0], "samples": {"kl": 5}}, {"kl_per_dim": "x", "samples": 3},
     {"kl_per_dim": [1, 2, "3", 4], "samples": {"kl": 5}}],
)  # fmt: skip
def test_a_model_without_figures_is_measured_here(
    add_model: AddModel, app: AppTest, metrics: dict[str, object]
) -> None:
    add_model(metrics=metrics)
    app.run().switch_page("ui/xray/page.py").run()
    assert not app.exception
    assert "2,000 test images" in app.caption[0].value


def test_without_a_model_the_page_says_so(checkpoints: Path, app: AppTest) -> None:
    app.run().switch_page("ui/xray/page.py").run()
    assert not app.exception
    assert "no model" in app.info[0].value
    assert app.markdown[0].value.startswith("See what each")
