"""The Draw page without a browser: what the desk is told, and what is uploaded."""

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.testing.v1 import AppTest

from tests.support.models import AddModel
from tests.support.pictures import encoded
from tests.support.seen import choose, click, component, labels, open_page, words
from ui.shared import access
from ui.shared.drawing import IMAGES


def draw(app: AppTest, image: object) -> AppTest:
    app.session_state["desk"] = {"desk": {"v": 1, "turn": 7, "image": image}}
    return app.run()


def upload(app: AppTest, data: bytes | None) -> AppTest:
    if app.session_state["way"] != "Upload":
        choose(app, "way", "Upload")
    app.file_uploader[0].set_value(data and ("digit.png", data, "image/png")).run()
    return app


def picture(ink: int) -> bytes:
    """A seven of that shade on bright paper."""
    pixels = np.full((80, 60, 3), 230, np.uint8)
    pixels[10:18, 10:50] = pixels[18:70, 42:50] = ink
    return encoded(pixels)


def read(app: AppTest, way: str) -> Any:
    """The image that other pages look at, or None."""
    return app.session_state[IMAGES].get(way)


SEVEN = picture(20)
DRAWN = base64.b64encode(bytes(400) + bytes([255]) * 384).decode()


def test_the_desk_is_told_which_model_reads_and_what_its_dims_are(page: AppTest) -> None:
    told = component(page, "draw_desk")
    assert told["way"] == "Draw" and told["picture"] is None and told["note"] == ""
    assert told["name"] == "studio" and len(told["awake"]) + len(told["asleep"]) == 4
    assert told["model"]["zDim"] == 4 and told["model"]["calibration"] is None
    assert told["model"]["weights"]["reader"].startswith("weights/")


def test_a_runs_model_is_called_as_in_the_sidebar(
    page: AppTest, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAE_RUNS_DIR", str(root))
    click(choose(open_page(page, "train"), "view", "Runs"), "Use in the app")
    assert component(open_page(page, "draw"), "draw_desk")["name"] == "first, your run"


def test_what_is_drawn_can_be_looked_at_on_other_pages(page: AppTest) -> None:
    image = read(draw(page, DRAWN), "Draw")
    assert image.flat[399] == 0 and image.flat[400] == 1
    assert component(page, "draw_desk")["heard"] == 7
    assert read(draw(page, None), "Draw") is None


def test_nonsense_in_the_desks_name_is_refused_kindly_and_loses_nothing(page: AppTest) -> None:
    draw(page, DRAWN)
    draw(page, "AAAA")
    assert "draw it again" in page.info[0].value and read(page, "Draw") is not None


def edit(app: AppTest, turn: int, boxes: list[list[float]] | None, opened: int) -> AppTest:
    file = component(app, "draw_desk")["picture"]["file"]
    told = {"file": file, "quarters": 0, "boxes": boxes, "opened": opened}
    said = {"v": 1, "turn": turn, "image": DRAWN, "edit": told}
    app.session_state["desk"] = {"desk": said}
    return app.run()


def test_a_picture_goes_to_the_desk_and_its_steps_stand_below(page: AppTest) -> None:
    told = component(upload(page, SEVEN), "draw_desk")
    assert told["way"] == "Upload" and told["picture"]["url"].startswith("data:image/jpeg")
    (digit,) = told["picture"]["digits"]
    assert told["picture"]["opened"] == 0 and not digit["touching"]
    pixels = np.frombuffer(base64.b64decode(digit["image"]), np.uint8) / 255
    assert pixels.reshape(28, 28) == pytest.approx(read(page, "Upload"), abs=1 / 255)
    assert {"Cropped", "Centred"} <= {*words(page)}
    told = component(choose(page, "way", "Draw"), "draw_desk")
    assert told["way"] == "Draw" and "Cropped" not in words(page)


def test_boxes_are_read_as_a_hand_wants_and_all_pages_read_the_opened_one(page: AppTest) -> None:
    upload(page, SEVEN)
    first = read(page, "Upload")
    (found,) = component(page, "draw_desk")["picture"]["digits"]
    half = [found["box"][0], found["box"][1], found["box"][2], 0.5]
    told = component(edit(page, 8, [found["box"], half], 1), "draw_desk")
    assert told["heard"] == 8 and told["picture"]["opened"] == 1
    assert [each["box"] for each in told["picture"]["digits"]] == [found["box"], half]
    assert told["picture"]["digits"][0] == found
    assert not np.array_equal(read(page, "Upload"), first) and read(page, "Draw") is not None
    told = component(edit(page, 9, [], -1), "draw_desk")
    assert told["picture"]["digits"] == [] and read(page, "Upload") is None
    assert told["picture"]["edited"]
    told = component(edit(page, 10, None, -1), "draw_desk")
    assert told["picture"]["digits"] == [found] and not told["picture"]["edited"]


def test_upload_of_what_cannot_be_read_is_said_and_leaves_the_reading(page: AppTest) -> None:
    draw(page, DRAWN)
    upload(page, SEVEN)
    edit(page, 8, [[0.1, 0.1, 0.9, 0.9]], 0)
    good = read(page, "Upload")
    upload(page, b"just some text")
    assert "cannot be read" in component(page, "draw_desk")["note"]
    assert read(page, "Upload") is good and read(page, "Draw") is not None
    upload(page, None)
    assert component(page, "draw_desk")["note"] == "" and read(page, "Upload") is None


def test_a_picture_that_is_still_there_after_a_look_elsewhere_can_be_removed(page: AppTest) -> None:
    upload(page, SEVEN)
    assert "Remove the picture" not in labels(page), "the control has a way of its own"
    page.switch_page("ui/map/page.py").run()
    open_page(page, "draw")
    assert component(page, "draw_desk")["picture"] and page.file_uploader[0].value is None
    click(page, "Remove the picture")
    assert component(page, "draw_desk")["picture"] is None and read(page, "Upload") is None
    assert "Remove the picture" not in labels(page)


@pytest.mark.parametrize("elsewhere", ["another way", "another page"])
def test_a_refused_picture_is_spoken_of_no_longer_than_it_is_there(
    page: AppTest, elsewhere: str
) -> None:
    upload(page, SEVEN)
    assert component(upload(page, b"just some text"), "draw_desk")["note"]
    if elsewhere == "another way":
        choose(choose(page, "way", "Draw"), "way", "Upload")
    else:
        page.switch_page("ui/map/page.py").run()
        open_page(page, "draw")
    told = component(page, "draw_desk")
    assert told["picture"] and told["note"] == "", "it would hide the reading of the other one"


def test_a_picture_stays_until_the_one_in_its_place_is_told_of(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a slow line a browser has long taken back the file that it still tells of.
    upload(page, SEVEN)
    files = MemoryUploadedFileManager.get_files
    monkeypatch.setattr(MemoryUploadedFileManager, "get_files", lambda *told, **more: [])
    page.run()
    assert not page.exception and read(page, "Upload") is not None
    monkeypatch.setattr(MemoryUploadedFileManager, "get_files", files)
    upload(page, None)
    assert read(page, "Upload") is None


def test_a_picture_that_the_server_lost_is_asked_for_once_more(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As after a restart: the browser tells of the file to a visit that has none.
    monkeypatch.setattr(MemoryUploadedFileManager, "get_files", lambda *told, **more: [])
    assert "no longer has your picture" in upload(page, SEVEN).info[0].value
    assert not upload(page, None).info


def test_a_picture_without_a_digit_lies_on_the_desk_for_a_box(page: AppTest) -> None:
    told = component(upload(page, picture(230)), "draw_desk")
    assert told["picture"]["digits"] == [] and told["picture"]["url"] and told["note"] == ""
    assert not told["picture"]["edited"]


@pytest.mark.parametrize(("host_allows", "limit"), [(100, 10), (2, 2), (0, 1)])
def test_the_limits_stand_next_to_the_upload(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, host_allows: int, limit: int
) -> None:
    get_option = st.get_option
    monkeypatch.setattr(
        st,
        "get_option",
        lambda name: host_allows if name == "server.maxUploadSize" else get_option(name),
    )
    choose(page, "way", "Upload")
    assert page.file_uploader[0].proto.max_upload_size_mb == limit
    assert "40 megapixels" in page.file_uploader[0].label


def test_the_camera_is_asked_for_on_demand_and_by_https_alone(page: AppTest) -> None:
    assert not page.get("camera_input")
    assert choose(page, "way", "Camera").get("camera_input")
    page.context = {"url": "http://192.168.1.5:8501/draw"}
    page.run()
    assert not page.get("camera_input")
    assert "https" in page.info[0].value and "Upload" in page.info[0].value


@pytest.mark.parametrize("way", ["Upload", "Camera"])
def test_where_uploads_would_be_refused_none_is_tried(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(access, "can_upload", lambda: False)
    choose(page, "way", way)
    assert not page.get("file_uploader") and not page.get("camera_input")
    assert "cookie that protects uploads" in page.info[0].value
    assert not choose(page, "way", "Draw").info


def test_a_hand_goes_to_explore_with_digit_and_model(page: AppTest, add_model: AddModel) -> None:
    add_model("article", seed=5)
    page.query_params["model"] = "article"
    page.run()
    page.selectbox(key="model").set_value("article").run()
    leaving = {"style": [0.5, -1.25, 9, 0], "digit": 8, "text": "20 26"}
    page.session_state["desk"] = {"explore": leaving}
    page.run()
    assert page.title[0].value == "Explore"
    assert page.selectbox(key="model").value == page.query_params["model"] == "article"
    start = component(page, "style_board")["start"]
    assert (start["style"], start["digit"], start["text"]) == ([0.5, -1.25, 3, 0], 8, "20 26")
    # What it does not write leaves what is written there.
    open_page(page, "draw").session_state["desk"] = {"explore": leaving | {"digit": 7, "text": ""}}
    start = component(page.run(), "style_board")["start"]
    assert (start["digit"], start["text"]) == (7, "20 26")
