"""The Draw page as people use it: mouse, finger, keyboard, wide and narrow."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import expect

from tests.browser.waiting import frames, settled

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, WebSocketRoute

Open = Callable[..., "Page"]
Points = list[tuple[float, float]]

ONE: Points = [(0.5, 0.15 + 0.7 * step / 12) for step in range(13)]
ZERO: Points = [
    (0.5, 0.15), (0.38, 0.19), (0.31, 0.32), (0.29, 0.5), (0.31, 0.68), (0.38, 0.81),
    (0.5, 0.85), (0.62, 0.81), (0.69, 0.68), (0.71, 0.5), (0.69, 0.32), (0.62, 0.19), (0.5, 0.15),
]  # fmt: skip
INK = """canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  .data.reduce((sum, value, index) => sum + (index % 4 === 3 ? value : 0), 0)"""

COUNT_SOCKETS = """window.sockets = []; const Socket = WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...all) { super(...all); window.sockets.push(this); }
  }"""


def pad(page: "Page") -> "Locator":
    return page.get_by_label("Drawing pad")


def reading(page: "Page") -> "Locator":
    return page.locator(".headline b")


def button(page: "Page", name: str) -> "Locator":
    return page.get_by_role("button", name=name, exact=True)


def on(canvas: "Locator", points: Points) -> Points:
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]


def stroke(page: "Page", points: Points, lift: bool = True) -> None:
    start, *rest = on(pad(page), points)
    page.mouse.move(*start)
    page.mouse.down()
    for point in rest:
        page.mouse.move(*point, steps=3)
    if lift:
        page.mouse.up()


def finger(page: "Page", points: Points) -> None:
    """A stroke by touch, as the browser itself would report it."""
    session = page.context.new_cdp_session(page)
    path = [{"x": x, "y": y} for x, y in on(pad(page), points)]
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": path[:1]})
    for point in path[1:]:
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def ink(page: "Page") -> int:
    return int(pad(page).evaluate(f"canvas => ({INK})(canvas)"))


def painted(page: "Page") -> None:
    """The pad shows what is on it, answered or not."""
    frames(page, 2)


def all_answered(page: "Page") -> None:
    """The page shows what came of all that was drawn, and asks for no more of it."""
    settled(page.locator(".pad"))
    expect(page.locator('i[data-settled="false"]')).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 390])
def test_digits_are_read_and_the_pad_takes_back(open_app: Open, width: int) -> None:
    page = open_app("/draw", width=width, height=844)
    stroke(page, ONE)
    expect(reading(page)).to_have_text("1")
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    expect(page.locator(".st-key-hand .digit")).to_have_count(10)
    button(page, "Clear").click()
    expect(page.get_by_text("The reading appears here")).to_be_visible()
    stroke(page, ZERO)
    expect(reading(page)).to_have_text("0")
    button(page, "Undo").click()
    expect(reading(page)).to_have_count(0)
    button(page, "Undo").click()
    expect(reading(page)).to_have_text("1")
    button(page, "Redo").click()
    expect(reading(page)).to_have_count(0)


def test_a_stroke_is_read_while_the_pen_is_down_and_the_last_word_is_the_last_drawing(
    open_app: Open,
) -> None:
    page = open_app("/draw")
    stroke(page, ZERO, lift=False)
    expect(reading(page)).to_have_text("0")
    expect(page.locator(".samples")).to_have_count(0)
    page.mouse.up()
    expect(page.locator(".samples")).to_be_visible()
    for points in (ONE, ZERO, ONE):
        button(page, "Clear").click()
        stroke(page, points)
    all_answered(page)
    expect(reading(page)).to_have_text("1")


def test_a_finger_draws_and_the_page_does_not_scroll(open_app: Open) -> None:
    page = open_app("/draw", width=390, height=500, has_touch=True, is_mobile=True)
    expect(button(page, "Undo")).to_be_disabled()
    pad(page).scroll_into_view_if_needed()
    scrolled = "document.querySelector('.stMain').scrollTop + window.scrollY"
    before = page.evaluate(scrolled)
    finger(page, ONE)
    expect(reading(page)).to_have_text("1")
    assert page.evaluate(scrolled) == before
    finger(page, [(0.2, 0.5), (0.5, 0.5), (0.8, 0.5)])
    expect(button(page, "Undo")).to_be_enabled()
    assert page.evaluate(scrolled) == before


def test_nothing_is_wider_than_a_phone(open_app: Open) -> None:
    page = open_app("/draw", width=390, height=844, has_touch=True, is_mobile=True)
    finger(page, ZERO)
    expect(reading(page)).to_have_text("0")
    expect(page.locator(".samples")).to_be_visible()
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0
    main = page.locator(".stMain")
    assert main.evaluate("main => main.scrollWidth - main.clientWidth") <= 0


def test_the_first_screen_holds_pad_reading_and_the_ten_digits(open_app: Open) -> None:
    page = open_app("/draw")
    stroke(page, ZERO)
    expect(reading(page)).to_have_text("0")
    expect(page.locator(".samples")).to_be_visible()
    for part in (pad(page), page.locator(".trio"), page.locator(".st-key-hand .digit-row")):
        expect(part).to_be_visible()
        box = part.bounding_box()
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= 800


def test_the_keyboard_reaches_everything_but_the_stroke(open_app: Open) -> None:
    page = open_app("/draw")
    button(page, "Take a written 4").press("Enter")
    expect(reading(page)).to_have_text("4")
    button(page, "Take a written 8").press("Space")
    expect(reading(page)).to_have_text("8")
    button(page, "Undo").press("Enter")
    expect(reading(page)).to_have_text("4")
    button(page, "Redo").press("Control+z")
    expect(reading(page)).to_have_count(0)
    button(page, "Redo").press("Control+Shift+z")
    expect(reading(page)).to_have_text("4")
    pens = page.get_by_role("radio", name="Medium pen")
    pens.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Thick pen")).to_be_checked()
    button(page, "Eraser").press("Enter")
    expect(button(page, "Eraser")).to_have_attribute("aria-pressed", "true")
    button(page, "Clear").press("Enter")
    expect(reading(page)).to_have_count(0)


def test_pens_differ_and_the_eraser_takes_ink_away(open_app: Open) -> None:
    page = open_app("/draw")
    amounts = []
    for name in ("Thin pen", "Medium pen", "Thick pen"):
        page.get_by_role("radio", name=name).check(force=True)
        stroke(page, ONE)
        painted(page)
        amounts.append(ink(page))
        button(page, "Clear").click()
    assert amounts == sorted(amounts) and len(set(amounts)) == 3
    stroke(page, ONE)
    expect(reading(page)).to_have_text("1")
    painted(page)
    before = ink(page)
    button(page, "Eraser").click()
    stroke(page, [(0.3, 0.5), (0.7, 0.5)])
    painted(page)
    assert 0 < ink(page) < before


def test_a_dot_can_be_seen(open_app: Open) -> None:
    page = open_app("/draw")
    stroke(page, [(0.5, 0.5)])
    expect(page.get_by_text("only a speck of ink")).to_be_visible()
    painted(page)
    assert ink(page) > 0


def test_the_drawing_outlives_other_pages_other_ways_and_a_reload(open_app: Open) -> None:
    page = open_app("/draw")
    stroke(page, ZERO)
    expect(reading(page)).to_have_text("0")
    painted(page)
    drawn = ink(page)
    page.get_by_role("link", name="Explore").click()
    page.locator(".board").wait_for()
    page.get_by_role("link", name="Draw", exact=True).click()
    expect(reading(page)).to_have_text("0")
    painted(page)
    assert ink(page) == drawn
    page.get_by_role("radio", name="Upload").click()
    expect(pad(page)).to_have_count(0)
    page.get_by_role("radio", name="Draw").click()
    pad(page).wait_for()
    painted(page)
    assert ink(page) == drawn
    page.reload()
    expect(reading(page)).to_have_text("0")
    button(page, "Undo").click()
    expect(reading(page)).to_have_count(0)


def test_a_pad_taken_away_before_its_frame_is_no_error(open_app: Open) -> None:
    page = open_app("/draw")
    stroke(page, ONE)
    painted(page)
    drawn = ink(page)
    button(page, "Undo").click()
    button(page, "Redo").evaluate(
        """(redo) => new Promise((done) => {
          redo.click(); // asks for a frame, which comes when the pad is off the page
          const home = redo.getRootNode().host;
          const [parent, next] = [home.parentElement, home.nextSibling];
          home.remove();
          requestAnimationFrame(() => requestAnimationFrame(() => {
            parent.insertBefore(home, next);
            done();
          }));
        })"""
    )
    painted(page)
    assert ink(page) == drawn


def test_a_lost_connection_loses_no_stroke(open_app: Open) -> None:
    page = open_app(
        "/draw",
        init_script=COUNT_SOCKETS,
        expect_errors=["when disconnected from server", "already in CLOSING or CLOSED state"],
    )
    stroke(page, ONE)
    expect(reading(page)).to_have_text("1")
    before = page.evaluate("sockets.forEach((socket) => socket.close()), sockets.length")
    button(page, "Clear").click()
    stroke(page, ZERO)
    painted(page)
    drawn = ink(page)
    expect(reading(page)).to_have_text("0")
    assert page.evaluate("sockets.length") > before
    assert ink(page) == drawn


def test_keeping_a_digit_clears_the_pad_for_the_next(open_app: Open) -> None:
    page = open_app("/draw")
    stroke(page, ZERO)
    expect(reading(page)).to_have_text("0")
    button(page, "Keep this digit").click()
    expect(page.get_by_text("Kept. Now write another digit")).to_be_visible()
    painted(page)
    assert ink(page) == 0
    stroke(page, ONE)
    expect(reading(page)).to_have_text("1")
    expect(page.get_by_text("in your hand, from 2 digits")).to_be_visible()


def test_what_lies_below_follows_when_the_pad_rests(open_app: Open) -> None:
    page = open_app("/draw")
    samples = page.locator(".samples")
    stroke(page, ONE, lift=False)
    expect(reading(page)).to_have_text("1")
    all_answered(page)
    expect(samples).to_have_count(0)
    page.mouse.up()
    expect(samples).to_be_visible()
    one = samples.get_attribute("style")
    assert one
    stroke(page, ZERO, lift=False)
    all_answered(page)
    expect(samples).to_have_attribute("style", one)
    page.mouse.up()
    expect(samples).not_to_have_attribute("style", one)


def test_what_lies_below_comes_even_if_it_was_asked_for_in_vain(open_app: Open) -> None:
    page = open_app("/draw", fresh=True)
    lost: list[str | bytes] = []

    def pass_on_all_but_one(socket: "WebSocketRoute") -> None:
        server = socket.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            if isinstance(message, bytes) and b"draw_pad_follow__events" in message and not lost:
                lost.append(message)
            else:
                server.send(message)

        socket.on_message(pass_on)

    page.route_web_socket(re.compile("_stcore/stream"), pass_on_all_but_one)
    page.reload()
    stroke(page, ONE)
    expect(page.locator(".samples")).to_be_visible()
    assert lost


def test_another_way_chosen_at_once_does_not_begin_the_page_again(open_app: Open) -> None:
    page = open_app("/draw", fresh=True)
    whole: list[str] = []

    def count(frame: str | bytes) -> None:
        message = ForwardMsg.FromString(frame) if isinstance(frame, bytes) else ForwardMsg()
        if message.HasField("new_session") and not message.metadata.run.fragment_ids:
            whole.append(message.metadata.run.script_run_id)

    page.on("websocket", lambda socket: socket.on("framereceived", count))
    page.reload()
    stroke(page, ONE)
    expect(reading(page)).to_have_text("1")
    assert len(whole) == 1
    page.get_by_test_id("stMain").get_by_role("radio", name="Upload").click()
    expect(page.locator(".samples")).to_be_visible()
    assert len(whole) == 1


def test_what_is_saved_is_a_picture_and_a_reading(open_app: Open) -> None:
    page = open_app("/draw")
    stroke(page, ZERO)
    expect(reading(page)).to_have_text("0")
    with page.expect_download() as saved:
        button(page, "Save PNG").click()
    assert Path(saved.value.path()).read_bytes().startswith(b"\x89PNG")
    with page.expect_download() as saved:
        button(page, "Save JSON").click()
    assert json.loads(Path(saved.value.path()).read_text())["digit"] == 0
    expect(reading(page)).to_have_text("0")


def test_an_upload_shows_its_steps(open_app: Open, tmp_path: Path) -> None:
    from PIL import Image, ImageDraw

    photo = Image.new("RGB", (400, 300), (220, 215, 200))
    ImageDraw.Draw(photo).line([(200, 60), (200, 240)], fill=(30, 30, 60), width=18)
    photo.save(tmp_path / "one.jpg")
    page = open_app("/draw")
    page.get_by_role("radio", name="Upload").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "one.jpg")
    expect(reading(page)).to_have_text("1")
    expect(page.locator(".steps figure")).to_have_count(5)
    expect(page.get_by_alt_text("Your picture")).to_be_visible()


def test_the_model_goes_along_to_explore(open_app: Open) -> None:
    page = open_app("/draw")
    page.goto(f"{page.url}?model=article")
    stroke(page, ZERO)
    button(page, "Open in Explore").click()
    page.locator('.board[aria-busy="false"]').wait_for()
    expect(page).to_have_url(re.compile("model=article.*digit=0"))
