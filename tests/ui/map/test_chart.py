"""The map's places, groups and figures are those of the shipped models."""

from dataclasses import replace

import numpy as np
import pytest

from tests.support.models import with_metrics
from ui.map import axes, chart, data, leak, picked
from ui.map.axes import ellipse, pca, two_dims
from ui.shared import ink, mnist_sample
from ui.shared.dims import style_dims
from ui.shared.latents import Latents, latents_of
from ui.shared.words import plain
from vae_model.engine.digit_engine import DigitEngine, one_hot


@pytest.fixture(scope="module")
def measured(shipped: DigitEngine) -> Latents:
    return latents_of(shipped)


@pytest.fixture
def umap(shipped: DigitEngine) -> axes.Layout:
    layout = data.layout(shipped)
    assert isinstance(layout, axes.Layout)
    return layout


def first_two(engine: DigitEngine) -> axes.Axes:
    awake, _ = style_dims(engine)
    return two_dims(awake[0], awake[1], engine.z_dim)


@pytest.mark.parametrize("colour", chart.COLOURS)
def test_every_digit_stands_at_its_posterior_mean(
    shipped: DigitEngine, measured: Latents, colour: str
) -> None:
    awake, _ = style_dims(shipped)
    images, digits = mnist_sample.test_digits()
    traces = chart.figure(measured, first_two(shipped), colour)["data"]
    assert sorted(row for trace in traces for row in trace["customdata"]) == list(range(2000))
    for trace in traces:
        row, x, y = trace["customdata"][3], trace["x"][3], trace["y"][3]
        mean = shipped.read(images[row]).style_mean
        assert (x, y) == pytest.approx((mean[awake[0].dim], mean[awake[1].dim]), abs=1e-3)
        if colour == "digit":
            assert trace["name"] == str(digits[row])
        # The card shows this text; no label of plotly's may cover it.
        assert trace["text"][3].endswith(f"· {measured.nats[row]:.0f} nats")
        assert trace["hoverinfo"] == "none" and "hovertemplate" not in trace


def test_a_model_whose_styles_leave_the_prior_is_seen_whole(
    shipped: DigitEngine, measured: Latents
) -> None:
    for wide, expected in ((1, chart.REACH), (8, None)):
        latents = replace(measured, mean=wide * measured.mean)
        drawn = chart.figure(latents, pca(latents), "cost")
        low, high = drawn["layout"]["xaxis"]["range"]
        x, y = (np.array(drawn["data"][0][axis]) for axis in "xy")
        assert ((low < x) & (x < high) & (low < y) & (y < high)).mean() > 0.99
        assert high == expected or (expected is None and high > chart.REACH)


def test_principal_axes_hold_the_most_variance_and_keep_the_prior_round(measured: Latents) -> None:
    found = pca(measured)
    assert found.directions @ found.directions.T == pytest.approx(np.eye(2), abs=1e-9)
    variance = found.place(measured.mean).var(axis=0)
    assert variance[0] >= max(variance[1], measured.mean.var(axis=0).max() - 1e-4)
    shares = variance / measured.mean.astype(np.float64).var(axis=0).sum()
    assert found.names == tuple(
        f"component {n}: {100 * share:.0f} % of the variance" for n, share in enumerate(shares, 1)
    )


def test_an_ellipse_lies_so_many_sigmas_out(shipped: DigitEngine, measured: Latents) -> None:
    rng = np.random.default_rng(0)
    mean = rng.standard_normal(shipped.z_dim).astype(np.float32)
    std = rng.uniform(0.1, 1, shipped.z_dim).astype(np.float32)
    axes = pca(measured)
    places = axes.place(mean + std * rng.standard_normal((20_000, shipped.z_dim)))
    whitened = np.linalg.inv(np.linalg.cholesky(np.cov(places.T))).T
    for sigmas in (1, 2):
        outline = ellipse(axes, mean, std, sigmas)
        away = outline - axes.place(mean[None])
        assert away[:-1].mean(axis=0) == pytest.approx(0, abs=1e-6)
        assert away[0] == pytest.approx(away[-1])
        assert np.linalg.norm(away @ whitened, axis=1) == pytest.approx(sigmas, rel=0.03)


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
    gaussian = chart.figure(measured, first_two(shipped), "digit")["layout"]
    assert len(gaussian["shapes"]) == 2 and gaussian["xaxis"]["title"]["text"]


def test_a_drawing_stands_on_a_layout_amid_its_nearest(
    shipped: DigitEngine, measured: Latents, umap: axes.Layout
) -> None:
    images, _ = mnist_sample.test_digits()
    away = [float(np.linalg.norm(measured.mean[row] - measured.mean[7])) for row in range(2000)]
    nearest = sorted(range(2000), key=away.__getitem__)[: axes.NEAREST]
    place = umap.places[nearest].mean(axis=0)
    *points, mine = chart.figure(measured, umap, "digit", shipped.read(images[7]))["data"]
    assert len(points) == 10 and mine["name"] == "your drawing"
    assert [mine["x"][0], mine["y"][0]] == pytest.approx(place, abs=2e-3)


@pytest.mark.parametrize(
    "points", [None, 3, "abc", [None], [{}], *([{"customdata": row}] for row in (None, "1", 2000))]
)
def test_what_is_no_loop_holds_no_rows(points: object) -> None:
    for event in (points, {"selection": points}, {"selection": {"points": points}}):
        assert not len(picked.looped_rows(event))


def test_picked_are_rows_in_order_and_once_each() -> None:
    rows = [7, 3, 7, -1, True, 1.5, [1, 2], []]
    drawing: dict[str, object] = {}
    event = {"selection": {"points": [*({"customdata": row} for row in rows), drawing]}}
    assert picked.looped_rows(event).tolist() == [3, 7]


def test_a_group_is_shown_in_its_mean_style(shipped: DigitEngine, measured: Latents) -> None:
    rows = np.flatnonzero(mnist_sample.test_digits()[1] == 6)[:20]
    awake, _ = style_dims(shipped)
    text, mean, digit = picked.group(shipped, measured, rows, awake)
    assert digit == 6
    assert mean == pytest.approx(measured.mean[rows].mean(axis=0))
    ten = shipped.decode(np.repeat(mean[None], 10, axis=0), one_hot([*range(10)]))
    assert all(ink.url(image, scale=3) in text for image in ten)
    counts, _, _ = text.striptags().partition("most alike")
    assert "".join(counts.split()).endswith("0" * 6 + "20" + "0" * 3)


def test_one_digit_is_shown_with_its_redrawing(shipped: DigitEngine, measured: Latents) -> None:
    image = mnist_sample.test_digits()[0][42]
    text = picked.one(shipped, measured, 42)
    read = measured.read[42]
    made = shipped.decode(measured.mean[[42]], one_hot([read]))[0]
    assert ink.url(image, scale=6) in text and ink.url(made, scale=6) in text
    assert f"read as {read}. It costs {plain(measured.nats[42], 1)} nats" in text


def test_leaks_are_those_measured(shipped: DigitEngine) -> None:
    metrics = shipped.checkpoint.metrics
    text = str(leak.figures(shipped))
    for key in ("digit_leak_sampled", "digit_leak_linear", "digit_leak_mlp"):
        assert f"<b>{100 * metrics[key]:.1f} %</b>" in text
    for source, chance in (("mnist", "11.35"), ("sample", "10.00")):
        engine = with_metrics(shipped, digit_leak_sampled=0.2, data=source)
        assert f"right for **{chance} %**" in leak.why(engine)
        assert f'<u style="left:{float(chance):.1f}%">' in str(leak.figures(engine))
    for nonsense in ({}, {"digit_leak_mlp": "much"}, {"digit_leak_mlp": True}):
        assert leak.figures(with_metrics(shipped, **nonsense)) is None
