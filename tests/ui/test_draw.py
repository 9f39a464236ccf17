"""The Draw page without a browser: drawings, uploads, and what else may arrive."""

import io
import math
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from ui.components.draw_pad.strokes import parse, rasterize
from vae_model.engine import DigitEngine
from vae_model.preprocessing import normalize

AddModel = Callable[..., object]

ONE = [[500, 100, 500, 300, 500, 500, 500, 900]]
ZERO = [[round(500 + 220 * f(t / 6)) for t in range(39) for f in (math.cos, math.sin)]]
DOT = [[500, 500]]


def html(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html"))


def seen(app: AppTest) -> str | None:
    """The image that the network sees, encoded; None where there is no reading."""
    found = re.search(r'28 by 28 pixels" style="--ink:url\((.*?)\)', html(app))
    return found[1] if found else None


def draw(app: AppTest, value: object) -> AppTest:
    app.session_state["pad"] = {"drawing": value}
    return app.run()


def drawing(strokes: object, pen_down: object = False) -> dict[str, object]:
    return {"strokes": strokes, "penDown": pen_down}


def picture(image: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def seven() -> Image.Image:
    pixels = np.full((80, 60, 3), 230, np.uint8)
    pixels[10:18, 10:50] = 20
    pixels[18:70, 42:50] = 20
    return Image.fromarray(pixels)


@pytest.fixture
def page(add_model: AddModel, app: AppTest) -> AppTest:
    add_model()
    app.run().switch_page("ui/pages/draw.py").run()
    assert not app.exception
    return app


def test_before_the_first_stroke(page: AppTest) -> None:
    assert "appears here" in page.markdown[1].value
    assert seen(page) is None
    assert not page.get("plotly_chart")


def test_a_drawing_is_read(page: AppTest) -> None:
    draw(page, drawing(ONE))
    assert not page.exception and not page.info
    assert seen(page)
    assert page.get("plotly_chart")
    assert 'class="headline"' in html(page)
    assert html(page).count("in your handwriting") == 10


def test_clear_brings_the_start_back(page: AppTest) -> None:
    draw(page, drawing(ONE))
    draw(page, drawing([]))
    assert seen(page) is None and not page.info


def test_a_dot_is_named_once_the_pen_is_up_and_the_reading_stays(page: AppTest) -> None:
    draw(page, drawing(DOT, pen_down=True))
    assert not page.info
    draw(page, drawing(DOT))
    assert "speck" in page.info[0].value
    before = seen(draw(page, drawing(ONE)))
    assert before and not page.info
    draw(page, drawing(DOT))
    assert page.info and seen(page) == before


def test_the_drawing_outlives_a_page_switch(page: AppTest) -> None:
    before = seen(draw(page, drawing(ZERO)))
    page.switch_page("ui/pages/explore.py").run()
    page.switch_page("ui/pages/draw.py").run()
    assert not page.exception
    assert seen(page) == before


@pytest.mark.parametrize(
    "value",
    [
        "text",
        7,
        [],
        {},
        {"strokes": ONE},
        drawing(ONE, pen_down="yes"),
        drawing(ONE, pen_down=1),
        drawing(None),
        drawing("0,0,1,1"),
        drawing({"0": [1, 2]}),
        drawing([None]),
        drawing([[]]),
        drawing([[1, 2, 3]]),
        drawing([["1", "2"]]),
        drawing([[True, False]]),
        drawing([[1.5, 2.5]]),
        drawing([[math.nan, 1]]),
        drawing([[math.inf, 1]]),
        drawing([[10**400, 1]]),
        drawing([[-251, 0]]),
        drawing([[0, 1251]]),
        drawing([[[1, 2], [3, 4]]]),
        drawing([[0, 0]] * 101),
        drawing([[0, 0] * 6001]),
    ],
)
def test_nonsense_from_the_pad_is_refused_kindly(page: AppTest, value: object) -> None:
    before = seen(draw(page, drawing(ONE)))
    draw(page, value)
    assert not page.exception
    assert "draw it again" in page.info[0].value
    assert seen(page) == before
    draw(page, drawing(ZERO))
    assert not page.info and seen(page) != before


def test_the_largest_drawing_allowed(page: AppTest) -> None:
    rng = np.random.default_rng(0)
    strokes = [rng.integers(-250, 1251, 120).tolist() for _ in range(100)]
    draw(page, drawing(strokes))
    assert not page.exception


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_uploads(page: AppTest, kind: str) -> None:
    page.file_uploader[0].set_value((f"seven.{kind.lower()}", picture(seven(), kind), "")).run()
    assert not page.exception and not page.info
    assert seen(page)
    assert "your picture" in html(page)


def test_upload_of_what_is_no_picture(page: AppTest) -> None:
    before = seen(draw(page, drawing(ONE)))
    page.file_uploader[0].set_value(("seven.png", b"just some text", "image/png")).run()
    assert not page.exception
    assert "cannot be read as an image" in page.info[0].value
    assert seen(page) == before


def test_upload_of_bare_paper(page: AppTest) -> None:
    paper = Image.new("RGB", (50, 50), "white")
    page.file_uploader[0].set_value(("paper.png", picture(paper, "PNG"), "image/png")).run()
    assert not page.exception
    assert "no ink" in page.info[0].value


def test_taking_an_upload_away_brings_the_drawing_back(page: AppTest) -> None:
    before = seen(draw(page, drawing(ONE)))
    page.file_uploader[0].set_value(("seven.png", picture(seven(), "PNG"), "image/png")).run()
    assert seen(page) != before
    page.file_uploader[0].set_value(None).run()
    assert not page.exception
    assert seen(page) == before


def test_the_limit_stands_next_to_the_upload(page: AppTest) -> None:
    assert page.file_uploader[0].proto.max_upload_size_mb == 10


def test_open_in_explore_takes_digit_and_style_along(page: AppTest, checkpoints: Path) -> None:
    page.switch_page("ui/pages/explore.py").run()
    for slider in page.slider:
        slider.set_value(2.5)
    page.run().switch_page("ui/pages/draw.py").run()
    draw(page, drawing(ZERO))
    digit = re.search(r'class="headline" role="status"><b>(\d)</b>', html(page))
    assert digit
    page.button[0].click().run()
    assert not page.exception
    assert page.title[0].value == "Explore"
    assert f'hero" role="img" aria-label="A handwritten {digit[1]}"' in html(page)
    image = normalize(rasterize(parse(drawing(ZERO))))
    style = DigitEngine.load(checkpoints / "studio").read(image).style_mean
    for dim, value in enumerate(np.clip(style, -3, 3), start=1):
        assert page.slider(key=f"z{dim}").value == pytest.approx(value, abs=0.026)


def test_another_model_reads_the_same_drawing(page: AppTest, add_model: AddModel) -> None:
    before = seen(draw(page, drawing(ONE)))
    add_model("article", seed=5)
    page.run()
    page.selectbox(key="model").set_value("article").run()
    assert not page.exception
    assert seen(page) == before


def test_the_shipped_model_reads_plain_digits(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VAE_CHECKPOINTS_DIR", raising=False)
    app.run().switch_page("ui/pages/draw.py").run()
    for strokes, digit in ((ONE, 1), (ZERO, 0)):
        draw(app, drawing(strokes))
        assert f"sure that this is a {digit}" in html(app)
