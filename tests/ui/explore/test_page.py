"""The Explore page without a browser: what it gives the board, and what it takes from it."""

from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.models import AddModel
from tests.support.seen import component, open_page, words
from ui.shared.board import Board
from ui.shared.dims import style_order
from vae_model.model import checkpoint
from vae_model.model.calibration import TERMS

START = {"style": [0, 0, 0, 0], "digit": 3, "other": None, "mix": 0, "text": "", "vary": False}


def given(app: AppTest) -> Any:
    return component(app, "style_board")


def say(app: AppTest, state: object) -> AppTest:
    """Run the app as if the visitor had let go of something on the board."""
    app.session_state[board_key(app)] = {"state": state}
    return app.run()


def board_key(app: AppTest) -> str:
    digest = given(app)["model"]["weights"]["decoder"].split("/")[1]
    return f"board-{digest}"


def kept(app: AppTest) -> Board:
    """What the visit keeps of the board that was set last."""
    boards: dict[str, Board] = app.session_state["boards_kept"]
    return [*boards.values()][-1]


def test_gives_the_board_its_model_and_where_to_begin(page: AppTest) -> None:
    assert page.title[0].value == "Explore"
    data = given(page)
    assert data["start"] == START and data["hidden"] == []
    assert [dim["dim"] for dim in data["awake"]] == [0, 1, 2, 3]
    assert data["model"]["zDim"] == 4 and data["model"]["activation"] == "sigmoid"


def test_what_the_hand_let_go_of_is_kept_and_not_sent_back(page: AppTest) -> None:
    before = given(page)
    say(page, START | {"style": [1, 0, -2.5, 0], "digit": 8, "other": 1, "mix": 0.25})
    assert kept(page) == Board((1, 0, -2.5, 0), 8, 1, 0.25)
    page.run()
    assert given(page) == before


def test_a_forged_board_gets_a_line_and_changes_nothing(page: AppTest) -> None:
    say(page, START | {"digit": 8})
    say(page, START | {"digit": 99})
    assert kept(page).digit == 8
    assert "did not arrive in one piece" in page.info[0].value


def test_dims_in_order_of_what_they_tell(add_model: AddModel, app: AppTest) -> None:
    add_model(metrics={"kl_per_dim": [0.5, 0.001, 2.0, 1.0]})
    data = given(app.run())
    assert [dim["dim"] for dim in data["awake"]] == [2, 3, 0]
    assert [dim["dim"] for dim in data["asleep"]] == [1]
    names = [dim["name"] for dim in data["awake"] + data["asleep"]]
    assert len(set(names)) == 4 and all(names)


@pytest.mark.parametrize("listed", [None, "abc", [1, 2], [1, 2, 3, float("1e999")], [1, 2, 3, "4"]])
def test_kl_that_makes_no_sense_is_ignored(listed: object) -> None:
    engine = SimpleNamespace(z_dim=4, checkpoint=SimpleNamespace(metrics={"kl_per_dim": listed}))
    assert style_order(engine) == ([0, 1, 2, 3], [])  # type: ignore[arg-type]


def test_measured_figures_stand_in_the_sidebar(add_model: AddModel, app: AppTest) -> None:
    add_model()
    assert words(app.run()) == []
    measured = {"test_accuracy": 0.9911, "generation_accuracy": 0.9974, "nelbo_bernoulli": 97.61}
    add_model(metrics=measured)
    figures = ["Test accuracy", "99.1 %", "Generation accuracy", "99.7 %", "NELBO", "97.6 nats"]
    assert words(app.run()) == figures


def test_an_address_sets_the_board(add_model: AddModel, app: AppTest) -> None:
    add_model()
    app.query_params.update({"digit": "8", "z1": "-1.25", "text": "42", "hide": "pad,save"})
    app.run()
    assert not app.info
    assert given(app)["start"] == START | {"digit": 8, "style": [-1.25, 0, 0, 0], "text": "42"}
    assert given(app)["hidden"] == ["pad", "save"]
    add_model("article", seed=1)
    app.run()
    app.selectbox(key="model").set_value("article").run()
    assert given(app)["hidden"] == ["pad", "save"] and given(app)["modelName"] == "article"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ({"digit": "12"}, "“12” is no digit"),
        ({"weights": "01234567"}, "another model or version"),
        ({"hide": "nothing"}, "nothing here is called"),
        ({"model": "../../etc"}, "there is no model"),
        ({"model": "<b>[x](y)</b>"}, "“bx\\(y\\)b”"),
    ],
)
@pytest.mark.parametrize("board", [{}, {"z2": "0.5"}])
def test_address_nonsense_is_named_and_ignored(
    add_model: AddModel, app: AppTest, board: dict[str, str], address: dict[str, str], said: str
) -> None:
    add_model()
    app.query_params.update(board | address)
    app.run()
    assert said in app.info[0].value
    assert given(app)["start"]["style"] == [0, float(board.get("z2", 0)), 0, 0]
    app.run()


def test_each_model_begins_midway_and_finds_its_board_as_it_was_left(
    add_model: AddModel, app: AppTest
) -> None:
    add_model("studio", seed=0)
    add_model("article", seed=1)
    before = given(app.run())["model"]
    left = {
        "studio": START | {"style": [1, 0, -2.5, 0], "digit": 6, "other": 1, "mix": 0.25,
                           "text": "66"},
        "article": START | {"style": [0, 3, 0, 0], "digit": 8, "vary": True},
    }  # fmt: skip
    model = app.selectbox(key="model")
    assert model.options == ["studio", "article"]
    say(app, left["studio"])
    model.set_value("article").run()
    assert given(app)["model"] != before and given(app)["modelName"] == "article"
    assert given(app)["start"] == START | {"digit": 6, "text": "66"}
    say(app, left["article"])
    model.set_value("studio").run()
    assert given(app)["start"] == left["studio"]
    model.set_value("article").run()
    assert given(app)["start"] == left["article"]


def test_a_model_of_the_same_decoder_begins_as_it_was_left_itself(
    add_model: AddModel, app: AppTest
) -> None:
    path = add_model("twin")
    # As `calibrate` leaves it, but for the numbers.
    shape = {"mean": [0] * 4, "std": [1] * 4, "weights": [0] * TERMS}
    calibration = shape | {"temperature": 2, "limit": 0}
    checkpoint.update(path, of=checkpoint.load(path), calibration=calibration)
    add_model("studio")
    left = START | {"style": [1, 0, 0, 0], "digit": 8}
    say(app.run(), left)
    for name, shown in (("twin", START | {"digit": 8}), ("studio", left)):
        # A browser's address names what the board shows, which it tells of until it has gone.
        app.query_params.update({"z1": "2", "digit": "5", "weights": given(app)["link"]})
        app.session_state[board_key(app)] = {}
        app.selectbox(key="model").set_value(name).run()
        assert given(app)["start"] == shown


def test_back_shows_what_the_board_showed_there_and_the_menu_what_it_showed_last(
    page: AppTest,
) -> None:
    say(page, START | {"style": [1, 0, 0, 0], "digit": 8})
    there = {"z2": "0.5", "digit": "5", "weights": given(page)["link"]}
    for params, shown in (
        ({}, {"style": [1, 0, 0, 0], "digit": 8}),
        (there | {"weights": "01234567"}, {"style": [1, 0, 0, 0], "digit": 8}),
        (there, {"style": [0, 0.5, 0, 0], "digit": 5}),
        ({}, {"style": [0, 0.5, 0, 0], "digit": 5}),
    ):
        open_page(page, "draw")
        page.query_params.clear()
        page.query_params.update(params)
        assert given(page.switch_page("ui/explore/page.py").run())["start"] == START | shown
        assert not page.info
