"""The Draw page without a browser: what is drawn, uploaded, kept and taken along."""

import dataclasses
import io
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from ui.draw.pad.strokes import parse, rasterize
from ui.shared import access
from vae_model.engine.digit_engine import DigitEngine
from vae_model.engine.writer_style import Style, combine
from vae_model.preprocessing import normalize

AddModel = Callable[..., object]

ONE = [500, 100, 500, 300, 500, 500, 500, 900]
ZERO = [round(500 + 220 * f(t / 6)) for t in range(39) for f in (math.cos, math.sin)]
DOT = [500, 500]
FILLED = [value for y in range(0, 1001, 60) for value in (0, y, 1000, y, 1000, y + 60, 0, y + 60)]


def html(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html"))


def seen(app: AppTest) -> str | None:
    """The image that the network sees, encoded; None where there is no reading."""
    found = re.search(r'28 by 28 pixels" style="--ink:url\((.*?)\)', html(app))
    return found[1] if found else None


def written(app: AppTest) -> list[str]:
    """The ten digits in the visitor's hand, encoded."""
    return re.findall(r'in your handwriting" style="--ink:url\((.*?)\)', html(app))


def samples(app: AppTest) -> str | None:
    found = re.search(r'class="samples" style="(.*?)"', html(app))
    return found[1] if found else None


def stroke(points: object, width: object = 72, erases: object = False) -> dict[str, object]:
    return {"points": points, "width": width, "erases": erases}


def drawing(*strokes: object, **changes: object) -> dict[str, object]:
    value = {"strokes": list(strokes), "example": None, "penDown": False, "turn": 1}
    return {**value, **changes}


def drawn(*lines: list[int], **changes: object) -> dict[str, object]:
    return drawing(*(stroke(line) for line in lines), **changes)


def draw(app: AppTest, value: object) -> AppTest:
    app.session_state["pad"] = {"drawing": value}
    return app.run()


def component(app: AppTest, name: str) -> Any:
    found = [each for each in app.get("bidi_component") if each.proto.component_name.endswith(name)]
    return json.loads(found[0].proto.json) if found else None


def upload(app: AppTest, data: bytes, name: str = "digit.png") -> AppTest:
    if app.session_state["way"] != "Upload":
        app.segmented_control(key="way").set_value("Upload").run()
    return app.file_uploader[0].set_value((name, data, "image/png")).run()


def picture(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def seven() -> Image.Image:
    pixels = np.full((80, 60, 3), 230, np.uint8)
    pixels[10:18, 10:50] = 20
    pixels[18:70, 42:50] = 20
    return Image.fromarray(pixels)


@pytest.fixture
def page(add_model: AddModel, app: AppTest) -> AppTest:
    add_model()
    app.run().switch_page("ui/draw/page.py").run()
    assert not app.exception
    return app


def engine(checkpoints: Path) -> DigitEngine:
    return DigitEngine.load(checkpoints / "studio")


def image(*lines: list[int]) -> Any:
    return normalize(rasterize(parse(drawn(*lines))))


def test_before_the_first_stroke(page: AppTest) -> None:
    assert "appears here" in page.markdown[1].value
    assert seen(page) is None and not written(page)
    assert 'class="ghosts"' in html(page)
    assert not page.get("plotly_chart")


def test_a_drawing_is_read(page: AppTest) -> None:
    draw(page, drawn(ONE))
    assert not page.exception and not page.info
    assert seen(page)
    assert page.get("plotly_chart")
    assert 'class="headline' in html(page)
    assert len(written(page)) == 10


def test_a_picture_that_is_too_large_is_said_and_the_reading_stays(page: AppTest) -> None:
    before = seen(draw(page, drawn(ONE)))
    upload(page, bytes(10 * 2**20 + 1))
    assert "larger than 10 MB" in page.info[0].value
    assert seen(page) == before


def test_the_pad_hears_which_drawing_was_answered(page: AppTest) -> None:
    assert component(page, "answered")["turn"] is None
    draw(page, drawn(ONE, turn=41))
    assert component(page, "answered")["turn"] == 41


def test_what_lies_below_is_told_of_whatever_it_shows_once_the_pen_is_up(page: AppTest) -> None:
    def told() -> str:
        mark = component(page, "answered")["settled"]
        assert component(page, "follow") == {"shown": mark}
        return str(mark)

    blank = told()
    draw(page, drawn(ONE, penDown=True))
    assert told() == blank
    draw(page, drawn(ONE))
    one = told()
    assert one != blank
    draw(page, drawn(ONE, ZERO, penDown=True))
    assert told() == one
    draw(page, drawn(ONE, ZERO))
    both = told()
    page.button(key="keep").click().run()
    assert len({blank, one, both, told()}) == 4


def test_clear_brings_the_start_back(page: AppTest) -> None:
    draw(page, drawn(ONE))
    draw(page, drawn())
    assert seen(page) is None and not page.info


def test_an_example_is_read_and_can_be_drawn_on_and_erased(page: AppTest) -> None:
    bare = seen(draw(page, drawn(example=4)))
    assert bare
    more = seen(draw(page, drawn(ONE, example=4)))
    less = seen(draw(page, drawing(stroke([0, 300, 1000, 300], erases=True), example=4)))
    assert len({bare, more, less}) == 3


def test_ink_that_was_erased_is_not_read(page: AppTest) -> None:
    before = seen(draw(page, drawn(ZERO)))
    draw(page, drawing(stroke(ZERO), stroke(ONE), stroke(ONE, width=200, erases=True)))
    assert seen(page) != before
    draw(page, drawing(stroke(ONE), stroke(ONE, width=200, erases=True), turn=2))
    assert "no ink" in page.info[0].value


def test_a_dot_is_named_once_the_pen_is_up_and_the_reading_stays(page: AppTest) -> None:
    draw(page, drawn(DOT, penDown=True))
    assert not page.info
    draw(page, drawn(DOT))
    assert "speck" in page.info[0].value
    before = seen(draw(page, drawn(ONE)))
    assert before and not page.info
    draw(page, drawn(DOT))
    assert page.info and seen(page) == before


def test_a_pad_filled_with_ink_is_named(page: AppTest) -> None:
    before = seen(draw(page, drawn(ONE)))
    draw(page, drawing(stroke(FILLED, width=150)))
    assert "solid patch" in page.info[0].value and seen(page) == before


def test_strokes_beyond_the_edge_are_cut_at_it(page: AppTest) -> None:
    draw(page, drawn([-250, 500, 500, 500, 1250, 500]))
    assert not page.exception and not page.info
    assert seen(page)


def test_below_the_fold_waits_until_the_pen_is_up(page: AppTest) -> None:
    draw(page, drawn(ZERO))
    before, kept = seen(page), samples(page)
    draw(page, drawn(ZERO, ONE, penDown=True))
    assert seen(page) != before and samples(page) == kept
    draw(page, drawn(ZERO, ONE))
    assert samples(page) != kept


def test_the_drawing_outlives_a_page_switch(page: AppTest) -> None:
    before = seen(draw(page, drawn(ZERO)))
    page.switch_page("ui/explore/page.py").run()
    page.switch_page("ui/draw/page.py").run()
    assert not page.exception
    assert seen(page) == before
    start = component(page, "draw_pad")["start"]
    assert start == {"strokes": [stroke(ZERO)], "example": None}


@pytest.mark.parametrize(
    "value",
    [
        "text",
        7,
        [],
        {},
        {"strokes": [stroke(ONE)]},
        drawn(ONE, penDown="yes"),
        drawn(ONE, penDown=1),
        drawn(ONE, turn=-1),
        drawn(ONE, turn=1.5),
        drawn(ONE, turn=2**60),
        drawn(ONE, turn=None),
        drawn(ONE, example=10),
        drawn(ONE, example=-1),
        drawn(ONE, example="3"),
        drawn(ONE, example=True),
        drawn(strokes=None),
        drawn(strokes="0,0,1,1"),
        drawn(strokes={"0": stroke(ONE)}),
        drawing(None),
        drawing(ONE),
        drawing({"points": ONE}),
        drawing(stroke([])),
        drawing(stroke(None)),
        drawing(stroke([1, 2, 3])),
        drawing(stroke(["1", "2"])),
        drawing(stroke([True, False])),
        drawing(stroke([1.5, 2.5])),
        drawing(stroke([math.nan, 1])),
        drawing(stroke([math.inf, 1])),
        drawing(stroke([10**400, 1])),
        drawing(stroke([-251, 0])),
        drawing(stroke([0, 1251])),
        drawing(stroke([[1, 2], [3, 4]])),
        drawing(stroke(ONE, width=0)),
        drawing(stroke(ONE, width=10**9)),
        drawing(stroke(ONE, width="72")),
        drawing(stroke(ONE, erases="no")),
        drawing(*[stroke([0, 0])] * 101),
        drawing(stroke([0, 0] * 6001)),
        drawing(*[stroke([0, 0] * 100)] * 61),
    ],
)
def test_nonsense_from_the_pad_is_refused_kindly(page: AppTest, value: object) -> None:
    before = seen(draw(page, drawn(ONE)))
    draw(page, value)
    assert not page.exception
    assert "draw it again" in page.info[0].value
    assert seen(page) == before
    draw(page, drawn(ZERO))
    assert not page.info and seen(page) != before


def test_the_largest_drawing_allowed(page: AppTest) -> None:
    rng = np.random.default_rng(0)
    lines = [stroke(rng.integers(-250, 1251, 120).tolist(), 300) for _ in range(100)]
    draw(page, drawing(*lines))
    assert not page.exception


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_uploads(page: AppTest, kind: str) -> None:
    upload(page, picture(seven(), kind), f"seven.{kind.lower()}")
    assert not page.exception and not page.info
    assert seen(page)
    names = re.findall(r"<figcaption><b>(\w+)</b>", html(page))
    assert names == ["Grey", "Paper", "Ink", "Cropped", "Centred"]


def two_frames() -> bytes:
    frames = [Image.new("L", (60, 80), 255), seven().convert("L")]
    return picture(frames[1], "GIF", save_all=True, append_images=frames[:1], loop=0)


GOOD_PICTURES = {
    "animated": two_frames(),
    "cmyk": picture(seven().convert("CMYK"), "JPEG"),
    "16-bit": picture(Image.fromarray(np.asarray(seven())[..., 0].astype("uint16") * 257), "PNG"),
    "renamed": picture(seven(), "BMP"),
    "transparent": picture(seven().convert("LA").convert("RGBA"), "PNG"),
    "palette": picture(seven().convert("P"), "PNG"),
    "one bit": picture(seven().convert("1"), "PNG"),
}  # fmt: skip
BAD_PICTURES = {
    "text": (b"just some text", "cannot be read"),
    "nothing": (b"", "cannot be read"),
    "truncated": (picture(seven(), "PNG")[:150], "cannot be read"),
    "1x1": (picture(Image.new("L", (1, 1)), "PNG"), "too small"),
    "huge": (picture(Image.new("1", (8000, 5001)), "PNG"), "too large"),
    "bomb": (picture(Image.new("1", (30000, 30000)), "PNG"), "too large"),
    "bare paper": (picture(Image.new("RGB", (50, 50), "white"), "PNG"), "no ink"),
}


@pytest.mark.parametrize("name", GOOD_PICTURES)
def test_unusual_pictures_are_read(page: AppTest, name: str) -> None:
    upload(page, GOOD_PICTURES[name])
    assert not page.exception and not page.info
    assert seen(page)


@pytest.mark.parametrize("name", BAD_PICTURES)
def test_upload_of_what_cannot_be_read_leaves_the_reading(page: AppTest, name: str) -> None:
    data, said = BAD_PICTURES[name]
    before = seen(draw(page, drawn(ONE)))
    upload(page, data)
    assert not page.exception
    assert said in page.info[0].value
    assert seen(page) == before
    good = seen(upload(page, picture(seven(), "PNG")))
    assert not page.info and good != before
    upload(page, data)
    assert page.info and seen(page) == good


def test_taking_an_upload_away_brings_the_drawing_back(page: AppTest) -> None:
    before = seen(draw(page, drawn(ONE)))
    upload(page, picture(seven(), "PNG"))
    assert seen(page) != before
    page.file_uploader[0].set_value(None).run()
    assert not page.exception
    assert seen(page) == before


def test_each_way_keeps_what_it_read(page: AppTest) -> None:
    drawing_seen = seen(draw(page, drawn(ONE)))
    upload_seen = seen(upload(page, picture(seven(), "PNG")))
    page.segmented_control(key="way").set_value("Draw").run()
    assert seen(page) == drawing_seen
    page.segmented_control(key="way").set_value("Upload").run()
    assert seen(page) == upload_seen
    assert not page.exception


def test_the_limits_stand_next_to_the_upload(page: AppTest) -> None:
    page.segmented_control(key="way").set_value("Upload").run()
    assert page.file_uploader[0].proto.max_upload_size_mb == 10
    assert "40 megapixels" in page.file_uploader[0].label


def test_the_camera_is_asked_for_on_demand_alone(page: AppTest) -> None:
    assert not page.get("camera_input")
    page.segmented_control(key="way").set_value("Camera").run()
    assert not page.exception and page.get("camera_input")


def test_without_https_the_camera_is_not_tried(page: AppTest) -> None:
    page.context = {"url": "http://192.168.1.5:8501/draw"}
    page.segmented_control(key="way").set_value("Camera").run()
    assert not page.exception and not page.get("camera_input")
    assert "https" in page.info[0].value and "Upload" in page.info[0].value


@pytest.mark.parametrize("way", ["Upload", "Camera"])
def test_where_uploads_would_be_refused_none_is_tried(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(access, "can_upload", lambda: False)
    page.segmented_control(key="way").set_value(way).run()
    assert not page.exception
    assert not page.get("file_uploader") and not page.get("camera_input")
    assert "cookie that protects uploads" in page.info[0].value
    page.segmented_control(key="way").set_value("Draw").run()
    assert not page.info


def test_a_digit_is_kept_for_the_hand_and_removed(page: AppTest, checkpoints: Path) -> None:
    draw(page, drawn(ONE))
    alone = written(page)
    page.button(key="keep").click().run()
    assert seen(page) is None and written(page) == alone
    assert component(page, "draw_pad")["wipes"] == 1
    draw(page, drawn())
    draw(page, drawn(ZERO, turn=2))
    assert written(page) != alone
    model = engine(checkpoints)
    readings = [model.read(image(ONE)), model.read(image(ZERO))]
    both = combine([Style(each.style_mean, each.style_std) for each in readings])
    value = f"{both.mean[0]:+.2f} ± {both.std[0]:.2f}".replace("-", "−")
    assert f"<output>{value}</output>" in html(page)
    page.button(key="drop-0").click().run()
    assert not page.exception
    draw(page, drawn(ONE, turn=3))
    assert written(page) == alone


def test_the_same_digit_counts_once(page: AppTest) -> None:
    draw(page, drawn(ONE))
    alone = written(page)
    page.button(key="keep").click().run()
    draw(page, drawn())
    draw(page, drawn(ONE, turn=2))
    assert written(page) == alone
    assert page.button(key="keep").disabled


def test_a_hand_holds_six_digits(page: AppTest) -> None:
    for digit in range(6):
        draw(page, drawn(example=digit, turn=2 * digit))
        page.button(key="keep").click().run()
        draw(page, drawn(turn=2 * digit + 1))
    draw(page, drawn(example=7))
    assert page.button(key="keep").disabled
    assert not page.exception


def test_samples_change_when_asked(page: AppTest) -> None:
    draw(page, drawn(ZERO))
    before = samples(page)
    assert before and before.count("url(") == 8
    next(each for each in page.button if each.label == "Draw other samples").click().run()
    again = samples(page)
    assert not page.exception and again != before
    page.selectbox(key="decode_as").set_value("its ten probabilities").run()
    soft = samples(page)
    page.selectbox(key="decode_as").set_value("8").run()
    assert not page.exception
    assert len({again, soft, samples(page)}) == 3
    assert "Sample 1: an 8" in html(page)


def test_what_was_set_below_stays_over_another_page(page: AppTest) -> None:
    draw(page, drawn(ZERO))
    page.selectbox(key="decode_as").set_value("8").run()
    page.text_input(key="number").set_value("no number")
    next(each for each in page.button if each.label == "Write").click().run()
    page.switch_page("ui/map/page.py").run()
    page.switch_page("ui/draw/page.py").run()
    assert not page.exception
    assert page.selectbox(key="decode_as").value == "8"
    assert "Sample 1: an 8" in html(page)
    assert page.text_input(key="number").value == "no number"


def test_what_looks_like_no_digit_is_said_and_shown_quietly(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = DigitEngine.read
    monkeypatch.setattr(
        DigitEngine,
        "read",
        lambda self, x: dataclasses.replace(read(self, x), is_familiar=False),
    )
    draw(page, drawn(ONE))
    assert 'class="headline strange"' in html(page)
    assert "unlike the digits the model knows" in html(page)
    assert 'class="digit chosen"' not in html(page)
    assert seen(page) and page.get("plotly_chart")


def test_open_in_explore_takes_digit_and_style_along(page: AppTest, checkpoints: Path) -> None:
    draw(page, drawn(ZERO))
    digit = re.search(r'class="headline.*?<b>(\d)</b>', html(page))
    assert digit
    next(each for each in page.button if each.label == "Open in Explore").click().run()
    assert not page.exception
    assert page.title[0].value == "Explore"
    start = component(page, "style_board")["start"]
    assert start["digit"] == int(digit[1])
    style = engine(checkpoints).read(image(ZERO)).style_mean
    assert start["style"] == pytest.approx(np.clip(style, -3, 3), abs=0.006)


def test_another_model_goes_along_to_explore(page: AppTest, add_model: AddModel) -> None:
    # As where the server was begun anew, the click is answered with the whole page.
    add_model("article", seed=5)
    page.query_params["model"] = "article"
    page.run()
    page.selectbox(key="model").set_value("article").run()
    draw(page, drawn(ZERO))
    assert page.query_params["model"] == "article"
    next(each for each in page.button if each.label == "Open in Explore").click().run()
    assert not page.exception
    assert page.title[0].value == "Explore"
    assert page.selectbox(key="model").value == "article"
    assert page.query_params["model"] == "article"


def test_a_number_is_written_in_this_hand(page: AppTest) -> None:
    draw(page, drawn(ZERO))
    page.text_input(key="number").set_value("seven")
    write = next(each for each in page.button if each.label == "Write")
    write.click().run()
    assert "Digits and spaces" in page.info[0].value
    page.text_input(key="number").set_value(" 20 26 ")
    next(each for each in page.button if each.label == "Write").click().run()
    assert not page.exception
    assert page.title[0].value == "Explore"
    assert component(page, "style_board")["start"]["text"] == "20 26"


def test_another_model_reads_the_same_drawing(page: AppTest, add_model: AddModel) -> None:
    before = seen(draw(page, drawn(ONE)))
    page.button(key="keep").click().run()
    draw(page, drawn(ZERO))
    add_model("article", seed=5)
    page.run()
    page.selectbox(key="model").set_value("article").run()
    assert not page.exception
    assert seen(page) and seen(page) != before


def test_the_shipped_model_reads_plain_digits(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VAE_CHECKPOINTS_DIR", raising=False)
    app.run().switch_page("ui/draw/page.py").run()
    for line, digit in ((ONE, 1), (ZERO, 0)):
        draw(app, drawn(line))
        assert f"sure that this is a {digit}" in html(app)
    for digit in range(10):
        draw(app, drawn(example=digit))
        assert f"<b>{digit}</b>" in html(app)
