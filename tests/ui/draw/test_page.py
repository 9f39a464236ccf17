"""The Draw page without a browser: what is drawn, uploaded, kept and taken along."""

import dataclasses
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.support.seen import component, open_page, pictures, style, text, words
from tests.support.strokes import ONE, ZERO, drawing, drawn, stroke
from ui.draw import hand
from ui.draw.pad.strokes import parse, rasterize
from ui.shared import access
from ui.shared.words import signed
from vae_model.engine.digit_engine import DigitEngine
from vae_model.preprocessing import normalize

AddModel = Callable[..., object]

DOT = [500, 500]
FILLED = [value for y in range(0, 1001, 60) for value in (0, y, 1000, y, 1000, y + 60, 0, y + 60)]


def seen(app: AppTest) -> str | None:
    """The image that the network sees; None where there is no reading."""
    return pictures(app).get("Your digit in 28 by 28 pixels")


def written(app: AppTest) -> list[str]:
    """The ten digits in the visitor's hand."""
    return [style for name, style in pictures(app).items() if "in your handwriting" in name]


def draw(app: AppTest, value: object) -> AppTest:
    app.session_state["pad"] = {"drawing": value}
    app.run()
    assert not app.exception
    return app


def press(app: AppTest, label: str) -> AppTest:
    next(each for each in app.button if each.label == label).click().run()
    assert not app.exception
    return app


def choose(app: AppTest, way: str) -> AppTest:
    app.segmented_control(key="way").set_value(way).run()
    assert not app.exception
    return app


def upload(app: AppTest, data: bytes | None) -> AppTest:
    if app.session_state["way"] != "Upload":
        choose(app, "Upload")
    app.file_uploader[0].set_value(data and ("digit.png", data, "image/png")).run()
    assert not app.exception
    return app


def picture(ink: int) -> bytes:
    """A seven of that shade on bright paper."""
    pixels = np.full((80, 60, 3), 230, np.uint8)
    pixels[10:18, 10:50] = pixels[18:70, 42:50] = ink
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


SEVEN = picture(20)


@pytest.fixture
def page(add_model: AddModel, app: AppTest) -> AppTest:
    add_model()
    return open_page(app, "draw")


@pytest.fixture
def engine(checkpoints: Path) -> DigitEngine:
    return DigitEngine.load(checkpoints / "studio")


def image(*lines: list[int]) -> Any:
    return normalize(rasterize(parse(drawn(*lines))))


def test_a_drawing_is_read_and_clear_brings_the_start_back(page: AppTest) -> None:
    for value in (None, drawn(ONE), drawn()):
        if value:
            draw(page, value)
        is_read = value == drawn(ONE)
        assert bool(seen(page)) == bool(page.get("plotly_chart")) == is_read
        assert len(written(page)) == (10 if is_read else 0)
        assert (style(page, "headline") is not None) == is_read
        assert (style(page, "ghosts") is not None) == (not is_read)
        assert any("appears here" in each.value for each in page.markdown) == (not is_read)
        assert not page.info


def test_the_pad_is_answered_and_what_lies_below_follows_once_the_pen_is_up(page: AppTest) -> None:
    def told() -> str:
        mark = component(page, "answered")["settled"]
        assert component(page, "follow") == {"shown": mark}
        return str(mark)

    blank = told()
    assert component(page, "answered")["turn"] is None
    draw(page, drawn(ONE, penDown=True, turn=41))
    assert component(page, "answered")["turn"] == 41
    assert told() == blank and style(page, "samples") is None
    draw(page, drawn(ONE))
    one, before, samples = told(), seen(page), style(page, "samples")
    draw(page, drawn(ONE, ZERO, penDown=True))
    assert told() == one and seen(page) != before and style(page, "samples") == samples
    draw(page, drawn(ONE, ZERO))
    both = told()
    assert style(page, "samples") not in (samples, None)
    press(page, "Keep this digit")
    assert len({blank, one, both, told()}) == 4


def test_an_example_is_read_and_can_be_drawn_on_and_erased(page: AppTest) -> None:
    bare = seen(draw(page, drawn(example=4)))
    more = seen(draw(page, drawn(ONE, example=4)))
    less = seen(draw(page, drawing(stroke([0, 300, 1000, 300], erases=True), example=4)))
    assert bare and len({bare, more, less}) == 3


def test_what_is_no_digit_is_named_and_the_reading_stays(page: AppTest) -> None:
    draw(page, drawn(DOT, penDown=True))
    assert not page.info
    draw(page, drawn(DOT))
    assert "speck" in page.info[0].value
    before = seen(draw(page, drawn(ONE)))
    assert before and not page.info
    for value, said in (
        (drawn(DOT), "speck"),
        (drawing(stroke(FILLED, width=150)), "solid patch"),
        (drawing(stroke(ONE), stroke(ONE, width=200, erases=True)), "no ink"),
        ("text", "draw it again"),
    ):
        draw(page, value)
        assert said in page.info[0].value and seen(page) == before
    draw(page, drawn([-250, 500, 500, 500, 1250, 500]))
    assert not page.info and seen(page) != before


def test_the_drawing_outlives_a_page_switch(page: AppTest) -> None:
    before = seen(draw(page, drawn(ZERO)))
    page.switch_page("ui/explore/page.py").run()
    open_page(page, "draw")
    assert seen(page) == before
    start = component(page, "draw_pad")["start"]
    assert start == {"strokes": [stroke(ZERO)], "example": None}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"just some text", "cannot be read"),
        (picture(230), "no ink"),
        (bytes(10 * 2**20 + 1), "larger than 10 MB"),
    ],
)
def test_upload_of_what_cannot_be_read_leaves_the_reading(
    page: AppTest, data: bytes, said: str
) -> None:
    before = seen(draw(page, drawn(ONE)))
    upload(page, data)
    assert said in page.info[0].value and seen(page) == before
    good = seen(upload(page, SEVEN))
    assert not page.info and good != before
    assert {"Grey", "Paper", "Ink", "Cropped", "Centred"} <= {*words(page)}
    upload(page, data)
    assert page.info and seen(page) == good


def test_each_way_keeps_what_it_read_until_it_is_taken_away(page: AppTest) -> None:
    drawing_seen = seen(draw(page, drawn(ONE)))
    upload_seen = seen(upload(page, SEVEN))
    assert seen(upload(page, None)) == drawing_seen != upload_seen
    upload(page, SEVEN)
    assert page.file_uploader[0].proto.max_upload_size_mb == 10
    assert "40 megapixels" in page.file_uploader[0].label
    assert seen(choose(page, "Draw")) == drawing_seen
    assert seen(choose(page, "Upload")) == upload_seen


def test_the_camera_is_asked_for_on_demand_and_by_https_alone(page: AppTest) -> None:
    assert not page.get("camera_input")
    assert choose(page, "Camera").get("camera_input")
    page.context = {"url": "http://192.168.1.5:8501/draw"}
    page.run()
    assert not page.exception and not page.get("camera_input")
    assert "https" in page.info[0].value and "Upload" in page.info[0].value


@pytest.mark.parametrize("way", ["Upload", "Camera"])
def test_where_uploads_would_be_refused_none_is_tried(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(access, "can_upload", lambda: False)
    choose(page, way)
    assert not page.get("file_uploader") and not page.get("camera_input")
    assert "cookie that protects uploads" in page.info[0].value
    assert not choose(page, "Draw").info


def test_a_digit_is_kept_for_the_hand_and_removed(page: AppTest, engine: DigitEngine) -> None:
    alone = written(draw(page, drawn(ONE)))
    press(page, "Keep this digit")
    assert seen(page) is None and written(page) == alone
    assert component(page, "draw_pad")["wipes"] == 1
    draw(page, drawn())
    # The same digit counts once.
    assert written(draw(page, drawn(ONE, turn=2))) == alone
    assert page.button(key="keep").disabled
    assert written(draw(page, drawn(ZERO, turn=3))) != alone
    both = hand.of(engine, [image(ONE), image(ZERO)]).style
    assert f"{signed(both.mean[0])} ± {both.std[0]:.2f}" in text(page)
    press(page, "Remove")
    assert written(draw(page, drawn(ONE, turn=4))) == alone


def test_a_hand_holds_six_digits(page: AppTest) -> None:
    for digit in range(6):
        draw(page, drawn(example=digit, turn=2 * digit))
        press(page, "Keep this digit")
        draw(page, drawn(turn=2 * digit + 1))
    draw(page, drawn(example=7))
    assert page.button(key="keep").disabled


def test_what_was_set_below_changes_the_samples_and_stays(page: AppTest) -> None:
    draw(page, drawn(ZERO))
    looks = [style(page, "samples")]
    press(page, "Draw other samples")
    looks.append(style(page, "samples"))
    for choice in ("its ten probabilities", "8"):
        page.selectbox(key="decode_as").set_value(choice).run()
        looks.append(style(page, "samples"))
    assert None not in looks and len({*looks}) == 4
    page.text_input(key="number").set_value("seven")
    press(page, "Write")
    assert "Digits and spaces" in page.info[0].value
    page.switch_page("ui/map/page.py").run()
    open_page(page, "draw")
    assert page.selectbox(key="decode_as").value == "8"
    assert "Sample 1: an 8" in pictures(page)
    assert page.text_input(key="number").value == "seven"


def test_what_looks_like_no_digit_is_said_and_shown_quietly(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(page, drawn(ONE))
    assert style(page, "chosen") is not None and style(page, "strange") is None
    read = DigitEngine.read
    monkeypatch.setattr(
        DigitEngine, "read", lambda self, x: dataclasses.replace(read(self, x), is_familiar=False)
    )
    page.run()
    assert "unlike the digits the model knows" in text(page)
    assert style(page, "chosen") is None and style(page, "strange") is not None
    assert seen(page) and page.get("plotly_chart")


def test_another_model_reads_the_same_drawing_and_goes_along_to_explore(
    page: AppTest, add_model: AddModel, checkpoints: Path
) -> None:
    before = seen(draw(page, drawn(ONE)))
    press(page, "Keep this digit")
    ten = written(draw(page, drawn(ZERO)))
    add_model("article", seed=5)
    page.query_params["model"] = "article"
    page.run()
    page.selectbox(key="model").set_value("article").run()
    assert seen(page) and seen(page) != before and written(page) != ten
    press(page, "Open in Explore")
    assert page.title[0].value == "Explore"
    assert page.selectbox(key="model").value == page.query_params["model"] == "article"
    start = component(page, "style_board")["start"]
    other = DigitEngine.load(checkpoints / "article")
    assert start["digit"] == other.read(image(ZERO)).digit
    mean = hand.of(other, [image(ONE), image(ZERO)]).style.mean
    assert start["style"] == pytest.approx(np.clip(mean, -3, 3), abs=0.006)


def test_a_number_is_written_in_this_hand(page: AppTest) -> None:
    draw(page, drawn(ZERO))
    page.text_input(key="number").set_value(" 20 26 ")
    press(page, "Write")
    assert page.title[0].value == "Explore"
    assert component(page, "style_board")["start"]["text"] == "20 26"


def test_the_shipped_model_reads_plain_digits(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VAE_CHECKPOINTS_DIR", raising=False)
    open_page(app, "draw")
    for line, digit in ((ONE, 1), (ZERO, 0)):
        assert f"sure that this is a {digit}" in text(draw(app, drawn(line)))
    for digit in range(10):
        said = text(draw(app, drawn(example=digit)))
        assert re.search(rf"\ban? {digit} \(", said)
