"""The Explore page, clicked through without a browser."""

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from ui.models import style_order

AddModel = Callable[..., object]


def html(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html"))


def hero(app: AppTest) -> str:
    found = re.search(r'<div class="digit hero".*?</div>', html(app))
    assert found
    return found[0]


def figures(app: AppTest) -> dict[str, str]:
    return dict(re.findall(r"<dt[^>]*>(.*?)</dt><dd>(.*?)</dd>", html(app)))


@pytest.fixture
def explore(add_model: AddModel, app: AppTest) -> AppTest:
    add_model()
    app.run()
    assert not app.exception
    return app


def test_shows_ten_digits_and_one_large(explore: AppTest) -> None:
    assert explore.title[0].value == "Explore"
    assert "A handwritten 3" in hero(explore)
    labels = re.findall(r'aria-label="A handwritten (\d)"', html(explore))
    assert labels == ["3", *"0123456789"]
    assert [slider.label for slider in explore.slider] == [f"Style {n}" for n in range(1, 5)]


def test_a_slider_changes_the_digits_and_the_address(explore: AppTest) -> None:
    before = hero(explore)
    explore.slider(key="z2").set_value(1.5).run()
    assert hero(explore) != before
    assert explore.slider(key="z2").value == 1.5


def test_choosing_a_digit(explore: AppTest) -> None:
    explore.segmented_control(key="digit").set_value(7).run()
    assert "A handwritten 7" in hero(explore)


def test_random_and_reset(explore: AppTest) -> None:
    start = hero(explore)
    explore.button[0].click().run()
    style = [slider.value for slider in explore.slider]
    assert hero(explore) != start
    assert any(style)
    assert all(abs(round(value / 0.05) * 0.05 - value) < 1e-9 for value in style)
    explore.button[1].click().run()
    assert hero(explore) == start
    assert not any(slider.value for slider in explore.slider)


def test_sliders_in_order_of_what_they_tell(add_model: AddModel, app: AppTest) -> None:
    add_model(metrics={"kl_per_dim": [0.5, 0.001, 2.0, 1.0]})
    app.run()
    assert [(s.label, s.key) for s in app.slider] == [
        ("Style 1", "z3"),
        ("Style 2", "z4"),
        ("Style 3", "z1"),
        ("Style 4", "z2"),
    ]
    assert app.expander[0].slider[0].key == "z2"
    app.button[0].click().run()
    assert app.slider(key="z2").value == 0


@pytest.mark.parametrize("listed", [None, "abc", [1, 2], [1, 2, 3, float("1e999")], [1, 2, 3, "4"]])
def test_kl_that_makes_no_sense_is_ignored(listed: object) -> None:
    engine = SimpleNamespace(z_dim=4, checkpoint=SimpleNamespace(metrics={"kl_per_dim": listed}))
    assert style_order(engine) == ([0, 1, 2, 3], [])  # type: ignore[arg-type]


def test_measured_figures(add_model: AddModel, app: AppTest) -> None:
    measured = {"test_accuracy": 0.9911, "generation_accuracy": 0.9974, "nelbo_bernoulli": 97.61}
    add_model(metrics=measured)
    app.run()
    assert figures(app) == {
        "Test accuracy": "99.1 %",
        "Generation accuracy": "99.7 %",
        "NELBO": "97.6 nats",
    }


def test_nothing_measured_nothing_shown(explore: AppTest) -> None:
    assert figures(explore) == {}


def test_address_sets_digit_and_style(add_model: AddModel, app: AppTest) -> None:
    add_model()
    app.query_params.update({"digit": "8", "z1": "-1.25"})
    app.run()
    assert not app.exception and not app.info
    assert "A handwritten 8" in hero(app)
    assert app.slider(key="z1").value == -1.25


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ({"digit": "12"}, "“12” is no digit"),
        ({"digit": ""}, "is no digit"),
        ({"z1": "banana"}, "z1 must be a number"),
        ({"z1": "nan"}, "z1 must be a number"),
        ({"z1": "1e400"}, "z1 must be a number"),
        ({"z1": "3.01"}, "z1 must be a number"),
        ({"z1": ["1", "2"]}, "z1 is there more than once"),
        ({"z9": "1"}, "no z9"),
        ({"model": "../../etc"}, "there is no model"),
        ({"model": "<b>[x](y)</b>"}, "“bxyb”"),
    ],
)
def test_address_nonsense_is_named_and_ignored(
    add_model: AddModel, app: AppTest, address: dict[str, object], said: str
) -> None:
    add_model()
    app.query_params.update({"z2": "0.5", **address})
    app.run()
    assert not app.exception
    assert said in app.info[0].value
    assert "A handwritten 3" in hero(app)
    assert [slider.value for slider in app.slider] == [0, 0.5, 0, 0]
    app.run()
    assert not app.exception


def test_switching_models(add_model: AddModel, app: AppTest) -> None:
    add_model("studio", seed=0)
    add_model("article", seed=1)
    app.run()
    assert app.selectbox(key="model").options == ["studio", "article"]
    before = hero(app)
    app.selectbox(key="model").set_value("article").run()
    assert hero(app) != before


def test_a_retrained_checkpoint_is_read_again(add_model: AddModel, app: AppTest) -> None:
    add_model(seed=0)
    before = hero(app.run())
    add_model(seed=1)
    assert hero(app.run()) != before


def test_a_digit_twice_in_the_address(add_model: AddModel, app: AppTest) -> None:
    add_model()
    app.query_params["digit"] = ["1", "2"]
    app.run()
    assert not app.exception
    assert "digit is there more than once" in app.info[0].value
