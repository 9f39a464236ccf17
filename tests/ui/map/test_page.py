"""The Map page: places, groups and figures are those of the loaded model."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ui.map import axes, chart, data, leak, picked
from ui.map.axes import ellipse, pca, two_dims
from ui.shared import ink, latents, mnist_sample, shelf
from ui.shared.dims import style_dims
from ui.shared.drawing import Source
from ui.shared.latents import Latents, latents_of
from ui.shared.words import plain
from vae_model.engine import umap_layout
from vae_model.engine.digit_engine import DigitEngine, Floats, one_hot

AddModel = Callable[..., object]


def html(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html"))


@pytest.fixture(scope="module")
def measured(shipped: DigitEngine) -> Latents:
    return latents.measure(shipped)


def axes_of(engine: DigitEngine) -> axes.Axes:
    awake, _ = style_dims(engine)
    return two_dims(awake[0], awake[1], engine.z_dim)


@pytest.mark.parametrize("colour", chart.COLOURS)
def test_every_digit_stands_at_its_posterior_mean(
    shipped: DigitEngine, measured: Latents, colour: str
) -> None:
    figure = chart.figure(measured, axes_of(shipped), colour, None)
    awake, _ = style_dims(shipped)
    images, digits = mnist_sample.test_digits()
    rows = [row for trace in figure["data"] for row in trace["customdata"]]
    assert sorted(rows) == list(range(2000))
    for trace in figure["data"]:
        row, x, y = trace["customdata"][3], trace["x"][3], trace["y"][3]
        mean = shipped.read(images[row]).style_mean
        assert (x, y) == pytest.approx((mean[awake[0].dim], mean[awake[1].dim]), abs=1e-3)
        if colour == "digit":
            assert trace["name"] == str(digits[row])


def test_principal_axes_hold_the_most_variance_and_keep_the_prior_round(
    measured: Latents,
) -> None:
    directions, shares = axes.principal(measured.mean)
    assert directions @ directions.T == pytest.approx(np.eye(2), abs=1e-9)
    variance = (measured.mean @ directions.T).var(axis=0)
    total = measured.mean.astype(np.float64).var(axis=0).sum()
    assert shares == pytest.approx(variance / total, rel=1e-4)
    assert shares[0] >= shares[1]
    assert variance[0] >= measured.mean.var(axis=0).max() - 1e-4


def test_an_ellipse_holds_its_share_of_the_posterior(shipped: DigitEngine) -> None:
    rng = np.random.default_rng(0)
    mean = rng.standard_normal(shipped.z_dim).astype(np.float32)
    std = rng.uniform(0.1, 1, shipped.z_dim).astype(np.float32)
    axes = pca(latents.measure(shipped))
    styles = mean + std * rng.standard_normal((20_000, shipped.z_dim))
    places = axes.place(styles)
    for sigmas, share in ((1, 0.393), (2, 0.865)):
        outline = ellipse(axes, mean, std, sigmas)
        middle = outline[:-1].mean(axis=0)
        assert middle == pytest.approx(axes.place(mean[None])[0], abs=1e-6)
        angles = np.arctan2(*(outline - middle).T[::-1])
        order = np.argsort(angles[:-1])
        away = places - middle
        reach = np.interp(
            np.arctan2(away[:, 1], away[:, 0]),
            angles[:-1][order],
            np.linalg.norm(outline - middle, axis=1)[:-1][order],
            period=2 * np.pi,
        )
        assert (np.linalg.norm(away, axis=1) <= reach).mean() == pytest.approx(share, abs=0.02)


@pytest.fixture
def umap(shipped: DigitEngine) -> axes.Layout:
    path = shelf.DEFAULT_FOLDER / shipped.checkpoint.name
    places = umap_layout.load(path, shipped.checkpoint.weights, mnist_sample.test_digits()[0])
    assert places is not None
    return axes.Layout(places)


def test_a_layout_is_shown_as_it_is_without_axes_and_prior(
    shipped: DigitEngine, measured: Latents, umap: axes.Layout
) -> None:
    figure = chart.figure(measured, umap, "digit")
    for trace in figure["data"]:
        rows = trace["customdata"]
        assert np.stack([trace["x"], trace["y"]], 1) == pytest.approx(umap.places[rows], abs=1e-3)
    plan = figure["layout"]
    assert not plan["shapes"]
    for axis in (plan["xaxis"], plan["yaxis"]):
        assert not axis["showticklabels"] and not axis["title"]["text"]
        assert axis["range"][0] < -1 and axis["range"][1] > 1
    gaussian = chart.figure(measured, axes_of(shipped), "digit")["layout"]
    assert len(gaussian["shapes"]) == 2 and gaussian["xaxis"]["title"]["text"]


def test_a_drawing_stands_on_a_layout_amid_its_nearest(
    shipped: DigitEngine, measured: Latents, umap: axes.Layout
) -> None:
    images, _ = mnist_sample.test_digits()
    away = [float(np.linalg.norm(measured.mean[row] - measured.mean[7])) for row in range(2000)]
    nearest = sorted(range(2000), key=away.__getitem__)[: axes.NEAREST]
    place = umap.places[nearest].mean(axis=0)
    reading = shipped.read(images[7])
    figure = chart.figure(measured, umap, "digit", (reading.style_mean, reading.style_std))
    *points, mine = figure["data"]
    assert len(points) == 10 and mine["name"] == "your drawing"
    assert [mine["x"][0], mine["y"][0]] == pytest.approx(place, abs=2e-3)


def test_no_label_of_plotlys_covers_the_card(shipped: DigitEngine, measured: Latents) -> None:
    for trace in chart.figure(measured, axes_of(shipped), "digit")["data"]:
        assert trace["hoverinfo"] == "none" and "hovertemplate" not in trace
        row, text = trace["customdata"][0], trace["text"][0]
        assert text.endswith(f"· {measured.nats[row]:.0f} nats")


@pytest.mark.parametrize(
    "selection",
    [None, 3, "points", {}, {"points": None}, {"points": "abc"}, {"points": [None, 1, "x"]},
     {"points": [{}, {"customdata": None}, {"customdata": "1"}, {"customdata": 2000},
                 {"customdata": -1}, {"customdata": True}, {"customdata": 1.5},
                 {"customdata": [1, 2]}, {"customdata": []}]}],
)  # fmt: skip
def test_nonsense_from_the_map_picks_nothing(selection: object) -> None:
    assert len(picked.chosen_rows(selection)) == 0


def test_picked_rows_come_once_each_and_in_order() -> None:
    points = [{"customdata": 7}, {"customdata": [3]}, {"customdata": 7}]
    assert picked.chosen_rows({"points": points}).tolist() == [3, 7]


def test_a_group_is_shown_in_its_mean_style(shipped: DigitEngine, measured: Latents) -> None:
    _, digits = mnist_sample.test_digits()
    rows = np.flatnonzero(digits == 6)[:20]
    awake, _ = style_dims(shipped)
    text, mean, digit = picked.group(shipped, measured, rows, awake)
    assert digit == 6
    assert mean == pytest.approx(measured.mean[rows].mean(axis=0))
    ten = shipped.decode(np.repeat(mean[None], 10, axis=0), one_hot(range(10)))
    assert all(ink.url(image, scale=3) in text for image in ten)
    assert "<figcaption>20</figcaption>" in text and text.count(">0</figcaption>") == 9


def test_one_digit_is_shown_with_its_reconstruction(
    shipped: DigitEngine, measured: Latents
) -> None:
    images, _ = mnist_sample.test_digits()
    text = picked.one(shipped, measured, 42)
    assert ink.url(images[42], scale=6) in text
    assert plain(float(measured.nats[42]), 1) in text


def test_leaks_are_those_measured(shipped: DigitEngine) -> None:
    metrics = shipped.checkpoint.metrics
    text = leak.figures(metrics)
    for key in ("digit_leak_sampled", "digit_leak_linear", "digit_leak_mlp"):
        assert f"<b>{100 * metrics[key]:.1f} %</b>" in text


@pytest.mark.parametrize("metrics", [{}, {"digit_leak_mlp": "much"}, {"digit_leak_mlp": True}])
def test_a_model_never_evaluated_has_no_leaks_to_show(metrics: dict[str, object]) -> None:
    assert leak.figures(metrics) == ""


@pytest.fixture
def page(add_model: AddModel, app: AppTest) -> AppTest:
    add_model()
    app.run().switch_page("ui/map/page.py").run()
    assert not app.exception
    return app


def test_any_two_dims_any_colour_and_pca(page: AppTest) -> None:
    for colour in chart.COLOURS:
        page.session_state["map_colour"] = colour
        page.run()
        assert not page.exception
        assert page.get("plotly_chart")
    page.selectbox(key="map_across").set_value(page.selectbox(key="map_up").value).run()
    assert not page.exception
    page.session_state["map_axes"] = "PCA"
    page.run()
    assert not page.exception
    assert "% of the variance" in page.get("plotly_chart")[0].proto.spec


def test_the_visitors_drawing_stands_on_the_map(page: AppTest) -> None:
    assert "your drawing" not in page.get("plotly_chart")[0].proto.spec
    page.session_state["sources"] = {"Draw": Source(mnist_sample.of_digit(3), "Draw")}
    page.run()
    assert not page.exception
    assert page.get("plotly_chart")[0].proto.spec.count("your drawing") >= 3
    assert any("your drawing" in text.value for text in page.markdown)


def add_layout(model: Path) -> Floats:
    """Places for the test digits beside a model's weights."""
    places = np.random.default_rng(2).uniform(-1, 1, (2000, 2)).astype(np.float32)
    weights = DigitEngine.load(model).checkpoint.weights
    umap_layout.save(model, places, weights, mnist_sample.test_digits()[0])
    return places


def axes_offered(app: AppTest) -> list[str]:
    return next(group.options for group in app.button_group if group.key == "map_axes")


def test_umap_is_offered_where_there_is_a_layout(
    add_model: AddModel, checkpoints: Path, page: AppTest
) -> None:
    assert axes_offered(page) == ["two style dims", "PCA"]
    # Noticed without a new start of the server.
    add_layout(checkpoints / "studio")
    page.run()
    assert axes_offered(page) == ["two style dims", "PCA", "UMAP"]
    page.session_state["sources"] = {"Draw": Source(mnist_sample.of_digit(3), "Draw")}
    page.session_state["map_axes"] = "UMAP"
    page.run()
    assert not page.exception
    said = " ".join(text.value for text in page.markdown)
    assert "UMAP" in said and "The large dot is your drawing" in said and "circles" not in said
    assert not [box for box in page.selectbox if box.key in ("map_across", "map_up")]
    # Another model, which has none, goes on with what it has.
    add_model("article", seed=1)
    page.run()
    page.selectbox(key="model").set_value("article").run()
    assert not page.exception
    assert axes_offered(page) == ["two style dims", "PCA"]
    assert page.get("plotly_chart")


def test_a_layout_of_other_weights_is_not_offered(
    add_model: AddModel, checkpoints: Path, app: AppTest
) -> None:
    add_layout(add_model())
    kept = (checkpoints / "studio" / umap_layout.LAYOUT_FILE).read_bytes()
    (add_model(seed=5) / umap_layout.LAYOUT_FILE).write_bytes(kept)
    app.run().switch_page("ui/map/page.py").run()
    assert not app.exception
    assert not any("UMAP" in each.value for each in app.caption)
    assert axes_offered(app) == ["two style dims", "PCA"]


def test_a_damaged_layout_is_said_quietly_and_the_map_works(
    add_model: AddModel, checkpoints: Path, app: AppTest
) -> None:
    (add_model() / umap_layout.LAYOUT_FILE).write_bytes(b"no layout")
    app.run().switch_page("ui/map/page.py").run()
    assert not app.exception and not app.sidebar.warning
    assert "There is no UMAP" in app.caption[0].value
    assert str(checkpoints) not in app.caption[0].value.replace("\\", "")
    assert axes_offered(app) == ["two style dims", "PCA"] and app.get("plotly_chart")


def test_the_card_gets_the_pictures_of_the_model(page: AppTest) -> None:
    engine = shelf.models().engines["studio"]
    (card,) = page.get("bidi_component")
    assert card.proto.bytes == data.pictures(engine)


def test_the_map_is_computed_once_for_each_model(page: AppTest) -> None:
    engine = shelf.models().engines["studio"]
    assert latents_of(engine) is latents_of(engine)


def test_without_a_model_the_page_says_so(checkpoints: Path, app: AppTest) -> None:
    app.run().switch_page("ui/map/page.py").run()
    assert not app.exception
    assert "no model" in app.info[0].value
    assert app.markdown[0].value.startswith("2,000 test digits")


@pytest.mark.parametrize("url", [None, "http://localhost:8501/map"])
def test_figures_that_are_missing_are_said(page: AppTest, url: str | None) -> None:
    page.context = {"url": url}
    page.run()
    said = [each.value for each in page.caption if each.value.startswith("Not measured yet")]
    assert len(said) == 1
    assert ("python -m" in said[0]) == (url is not None)
