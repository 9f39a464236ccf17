"""The Map page without a browser."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

from tests.support.models import AddModel
from tests.support.seen import click, component, components, heard, open_page, said, text
from ui.map import chart, data
from ui.shared import mnist_sample, shelf
from ui.shared.board import Board
from vae_model.engine import umap_layout
from vae_model.engine.digit_engine import DigitEngine

DRAWING = {"Draw": mnist_sample.of_digit(3)}


def rerun(app: AppTest, **state: object) -> AppTest:
    for key, value in state.items():
        app.session_state[key] = value
    return app.run()


def spec(app: AppTest) -> str:
    """Of the chart, as JSON."""
    (found,) = app.get("plotly_chart")
    return str(found.proto.spec)


def axes_offered(app: AppTest) -> list[str]:
    return next(group.options for group in app.button_group if group.key == "map_axes")


def add_layout(model: Path) -> None:
    """Places for the test digits beside a model's weights."""
    places = np.random.default_rng(2).uniform(-1, 1, (2000, 2)).astype(np.float32)
    weights = DigitEngine.load(model).checkpoint.weights
    umap_layout.save(model, places, weights, mnist_sample.test_digits()[0])


def test_any_colour_and_pca_and_an_older_name_breaks_nothing(page: AppTest) -> None:
    for colour in chart.COLOURS:
        assert chart.UNITS.get(colour, "") in spec(rerun(page, map_colour=colour))
    assert "% of the variance" in spec(rerun(page, map_axes="PCA"))
    assert spec(rerun(page, map_colour="likelihood"))


def test_no_dim_lies_on_both_axes(page: AppTest) -> None:
    was_up = page.selectbox(key="map_up").value
    page.selectbox(key="map_across").set_value(was_up).run()
    assert page.selectbox(key="map_across").value == was_up
    up = page.selectbox(key="map_up")
    assert up.value in up.options and was_up not in up.options
    assert spec(page)


def test_the_digit_of_a_number_stays_picked_when_colour_axes_and_model_change(
    add_model: AddModel, page: AppTest
) -> None:
    add_model("article", seed=1)
    page.number_input(key="map_number").set_value(2000).run()
    told = f"A digit {mnist_sample.test_digits()[1][1999]}, read as"
    assert told in text(page) and told in heard(page)[-1]
    assert told in text(rerun(page, map_axes="PCA", map_colour="cost"))
    assert told in text(page.selectbox(key="model").set_value("article").run())
    page.number_input(key="map_number").set_value(None).run()
    assert told not in text(page) and "Click a point" in said(page)


def test_the_visitors_drawing_stands_on_the_map(page: AppTest) -> None:
    assert "your drawing" not in spec(page) + said(page)
    rerun(page, images=DRAWING)
    assert spec(page).count("your drawing") >= 3
    assert "The coloured rings are your drawing" in said(page)


def test_umap_is_offered_where_there_is_a_layout(
    add_model: AddModel, checkpoints: Path, page: AppTest
) -> None:
    assert axes_offered(page) == ["two style dims", "PCA"]
    # Noticed without a new start of the server.
    add_layout(checkpoints / "studio")
    assert axes_offered(rerun(page)) == ["two style dims", "PCA", "UMAP"]
    rerun(page, images=DRAWING, map_axes="UMAP")
    assert "UMAP" in said(page) and "The large dot is your drawing" in said(page)
    assert "circles" not in said(page)
    assert not [box for box in page.selectbox if box.key in ("map_across", "map_up")]
    # Another model, which has none, goes on with what it has.
    add_model("article", seed=1)
    rerun(page).selectbox(key="model").set_value("article")
    assert axes_offered(rerun(page)) == ["two style dims", "PCA"]
    assert spec(page)


def test_a_damaged_layout_is_said_quietly_and_the_map_works(
    add_model: AddModel, checkpoints: Path, app: AppTest
) -> None:
    (add_model() / umap_layout.LAYOUT_FILE).write_bytes(b"no layout")
    open_page(app, "map")
    assert not app.sidebar.warning
    assert "There is no UMAP" in app.caption[0].value
    assert str(checkpoints) not in app.caption[0].value.replace("\\", "")
    assert axes_offered(app) == ["two style dims", "PCA"] and spec(app)


def test_the_card_gets_the_pictures_of_the_model(page: AppTest) -> None:
    (card,) = components(page, "card")
    assert card.bytes == data.pictures(shelf.models().engines["studio"])


def test_figures_that_are_missing_are_said(page: AppTest) -> None:
    assert [each.value.startswith("Not measured yet") for each in page.caption] == [True]


def test_what_is_opened_in_explore_is_blended_with_nothing_and_leaves_the_text(
    page: AppTest,
) -> None:
    (model,) = page.session_state["boards_kept"]
    left = Board((1, 0, 0, 0), 6, 8, 0.25, "2026", vary=True)
    page.session_state["boards_kept"] = {model: left}
    page.number_input(key="map_number").set_value(17).run()
    click(page, "Open in Explore")
    shown = Board(**component(page, "style_board")["start"])
    assert shown.style != list(left.style) and shown.digit != left.digit
    assert replace(shown, style=(), digit=0) == Board((), 0, text="2026", vary=True)
