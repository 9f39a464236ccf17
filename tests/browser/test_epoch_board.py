"""The epoch board on a page of its own: scrubbing, playing, following, saving."""

import io
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.waiting import (
    HAS_SCROLLED,
    SCROLLING,
    at_rest,
    frames,
    ink,
    on_a_dense_screen,
    settled,
)
from tests.support.app import ROOT, serve_process
from tests.support.browser import box, inside, saved, touch
from tests.support.waiting import until

# Squares that grow with the epochs: in their own style, or, smaller, in the shared one.
SCRIPT = """
import numpy as np
import streamlit as st
from tests.support.epochs import epoch
from ui.server import assets
from ui.train.epochs import epoch_board

def squares(number, *sides):
    digits = np.zeros((2, 10, 28, 28))
    for style, side in enumerate(sides):
        digits[style, :, 4 : 4 + side, 4 : 4 + side] = 1
    return epoch(number, digits)

def main():
    state = st.session_state
    state.setdefault("count", int(st.query_params.get("epochs", 6)))
    state.setdefault("run", "first")
    if st.button("Next epoch"):
        state.count += 1
    if st.button("Another run"):
        state.run = "second"
    running = not st.toggle("Finished")
    epochs = [
        squares(number, min(8 + number, 20), min(2 + number, 10))
        for number in range(1, state.count + 1)
    ]
    chosen = epoch_board(key="board", epochs=epochs, running=running, name=state.run)
    st.text(f"chosen: {chosen}")
    st.text(f"held: {len(state.board.get('held') or [])}")

if __name__ == "__main__":
    main()
else:
    app = st.App(__file__, routes=assets.routes())
"""

# What the board said, drew and timed, from the first moment on.
RECORD = """
  window.drawn = 0;
  window.intervals = [];
  const { toDataURL } = HTMLCanvasElement.prototype;
  HTMLCanvasElement.prototype.toDataURL = function (...all) {
    window.drawn += 1;
    return toDataURL.apply(this, all);
  };
  const { setInterval } = window;
  window.setInterval = (action, every) => {
    window.intervals.push(every);
    return setInterval(action, every);
  };
"""
LABELS = """label => {
  window.labels = [];
  new MutationObserver(() => window.labels.push(parseInt(label.textContent.slice(6))))
    .observe(label, { childList: true });
}"""


@pytest.fixture(scope="module")
def board_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an app that has the board alone."""
    folder = tmp_path_factory.mktemp("board")
    (folder / "app.py").write_text(SCRIPT)
    shutil.copytree(ROOT / ".streamlit", folder / ".streamlit")
    with serve_process(folder=folder, environment={"PYTHONPATH": str(ROOT)}) as (address, _):
        yield address


@pytest.fixture
def open_board(open_app: Open, board_server: str) -> Open:
    """Opens the board with so many epochs."""

    def open_board(epochs: int = 6, **options: Any) -> Page:
        page = open_app(f"/?epochs={epochs}", at=board_server, init_script=RECORD, **options)
        expect(chosen(page)).to_have_text("chosen: None")
        return page

    return open_board


def chosen(page: Page) -> Locator:
    """What Python made of what the board reported."""
    return page.get_by_text("chosen: ")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name)


def label(page: Page) -> Locator:
    return page.locator(".epochs .label")


def scrubber(page: Page) -> Locator:
    return page.get_by_role("slider", name="Epoch")


def row(page: Page, number: int) -> Locator:
    return page.get_by_role("option", name=f"epoch {number}", exact=True)


def wait_for_square(page: Page, side: int) -> None:
    """Until the large line shows squares of this side; the blur of their edges included."""
    large = page.locator("canvas.large")
    until(lambda: ((side - 0.4) / 28) ** 2 < ink(large) < ((side + 1.2) / 28) ** 2)


def test_the_newest_epoch_is_followed_and_rows_painted_once_at_any_width(open_board: Open) -> None:
    page = open_board(30)
    expect(label(page)).to_have_text("epoch 30")
    page.wait_for_function("drawn === 30")
    # Which are not sent again.
    expect(page.get_by_text("held: ")).to_have_text("held: 30")
    button(page, "Next epoch").click()
    expect(label(page)).to_have_text("epoch 31")
    expect(row(page, 31)).to_have_attribute("aria-current", "true")
    expect(page.locator('[aria-current="true"]')).to_have_count(1)
    page.wait_for_function("drawn === 31")
    # The list shows it, of which the window may show a part alone.
    page.locator(".list").evaluate("list => list.scrollIntoView({ block: 'end' })")
    expect(row(page, 31)).to_be_in_viewport(ratio=0.9)
    expect(row(page, 1)).not_to_be_in_viewport()
    assert box(page.get_by_role("listbox"))["height"] <= 420
    expect(button(page, "Latest")).to_be_hidden()
    expect(chosen(page)).to_have_text("chosen: None")

    page.set_viewport_size({"width": 390, "height": 844})
    at_rest(page)
    board, line = (box(page.locator(each)) for each in (".epochs", "canvas.large"))
    assert line["width"] == pytest.approx(board["width"], abs=1)


def test_ink_becomes_finer_on_a_denser_screen(open_board: Open) -> None:
    page = open_board(locale="en-GB")
    page.wait_for_function("drawn === 6")
    on_a_dense_screen(page)
    large = page.locator("canvas.large")
    assert large.evaluate("canvas => canvas.width >= 2 * canvas.clientWidth")
    assert page.evaluate("drawn") == 12


def test_a_finger_that_scrolls_leaves_the_epoch_as_it_was(open_board: Open) -> None:
    page = open_board(width=390, height=320, has_touch=True)
    expect(label(page)).to_have_text("epoch 6")
    main = page.locator(".stMain")
    scrubber(page).evaluate("each => each.scrollIntoView({ block: 'center' })")
    frames(page, 2)  # that scroll is over, and said so
    before = main.evaluate("main => main.scrollTop")
    page.evaluate(SCROLLING)
    touch(scrubber(page), [(0.3, 0.5 - step / 2) for step in range(8)])
    page.wait_for_function(f"document.querySelector('.stMain').scrollTop > {before + 40}")
    page.wait_for_function(HAS_SCROLLED)
    settled(page.locator(".epochs"))
    expect(label(page)).to_have_text("epoch 6")
    expect(chosen(page)).to_have_text("chosen: None")
    touch(scrubber(page), [(0.9 - step / 10, 0.5) for step in range(8)])
    expect(label(page)).not_to_have_text("epoch 6")


def test_dragging_redraws_at_once_and_python_hears_on_release(open_board: Open) -> None:
    page = open_board()
    expect(label(page)).to_have_text("epoch 6")
    wait_for_square(page, 14)
    end, third, first = inside(box(scrubber(page)), [(0.99, 0.5), (0.41, 0.5), (0.01, 0.5)])
    page.mouse.move(*end)
    page.mouse.down()
    page.mouse.move(*third)
    expect(label(page)).to_have_text("epoch 3")
    wait_for_square(page, 11)
    page.mouse.move(*first)
    expect(label(page)).to_have_text("epoch 1")
    wait_for_square(page, 9)
    settled(page.locator(".epochs"))
    expect(chosen(page)).to_have_text("chosen: None")
    page.mouse.up()
    expect(chosen(page)).to_have_text("chosen: 1")


def test_who_looks_back_by_pointer_or_keys_stays_there_until_latest(open_board: Open) -> None:
    page = open_board()
    row(page, 2).click()
    expect(chosen(page)).to_have_text("chosen: 2")
    button(page, "Next epoch").click()
    expect(row(page, 7)).to_be_attached()
    expect(label(page)).to_have_text("epoch 2")
    expect(row(page, 2)).to_have_attribute("aria-current", "true")
    expect(chosen(page)).to_have_text("chosen: 2")
    button(page, "Latest").click()
    expect(label(page)).to_have_text("epoch 7")
    expect(chosen(page)).to_have_text("chosen: None")
    scrubber(page).press("ArrowLeft")
    expect(scrubber(page)).to_have_attribute("aria-valuetext", "epoch 6")
    expect(chosen(page)).to_have_text("chosen: 6")
    page.get_by_role("listbox").press("ArrowUp")
    expect(chosen(page)).to_have_text("chosen: 5")
    page.keyboard.press("End")
    expect(chosen(page)).to_have_text("chosen: None")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")
    expect(chosen(page)).to_have_text("chosen: 1")
    # A menu of the scrubber takes the release.
    scrubber(page).hover()
    page.mouse.down(button="right")
    page.get_by_role("listbox").press("ArrowDown")
    expect(chosen(page)).to_have_text("chosen: 2")


def test_playing_loops_from_the_first_and_is_slower_with_reduced_motion(open_board: Open) -> None:
    page = open_board(4)
    expect(label(page)).to_have_text("epoch 4")
    label(page).evaluate(LABELS)
    button(page, "Play").click()
    page.wait_for_function("labels.length >= 6")
    assert page.evaluate("labels.slice(0, 6)") == [1, 2, 3, 4, 1, 2]
    expect(chosen(page)).to_have_text("chosen: None")
    row(page, 4).click()
    expect(button(page, "Play")).to_be_visible()
    assert 1000 not in page.evaluate("intervals")
    page.emulate_media(reduced_motion="reduce")
    button(page, "Play").click()
    expect(label(page)).to_have_text("epoch 1")
    assert 1000 in page.evaluate("intervals")
    button(page, "Pause").click()
    # It goes on until then; the last one is no choice.
    at = label(page).inner_text()
    expect(chosen(page)).to_have_text("chosen: None" if at == "epoch 4" else f"chosen: {at[6:]}")


def test_one_style_for_all_epochs(open_board: Open) -> None:
    page = open_board()
    wait_for_square(page, 14)
    mask = "row => row.lastChild.style.getPropertyValue('--digits')"
    page.wait_for_function("drawn === 6")
    own = row(page, 1).evaluate(mask)
    page.get_by_label("one style for all epochs").check()
    wait_for_square(page, 8)
    page.wait_for_function("drawn === 12")
    assert row(page, 1).evaluate(mask) != own
    page.get_by_label("its own style each epoch").check()
    wait_for_square(page, 14)
    settled(page.locator(".epochs"))
    assert row(page, 1).evaluate(mask) == own
    assert page.evaluate("drawn") == 12


def test_from_the_first_epoch_to_another_run(open_board: Open) -> None:
    page = open_board(1)
    expect(label(page)).to_have_text("epoch 1")
    expect(button(page, "Play")).to_be_disabled()
    button(page, "Next epoch").click()
    expect(label(page)).to_have_text("epoch 2")
    row(page, 1).click()
    expect(chosen(page)).to_have_text("chosen: 1")
    expect(button(page, "Latest")).to_be_visible()
    # Without a training there is no latest.
    page.get_by_text("Finished").click()
    expect(button(page, "Latest")).to_be_hidden()
    expect(label(page)).to_have_text("epoch 1")
    button(page, "Another run").click()
    expect(label(page)).to_have_text("epoch 2")
    expect(chosen(page)).to_have_text("chosen: None")
    page.goto(page.url.replace("epochs=1", "epochs=130"))
    expect(page.get_by_text("66 of 130 epochs, evenly chosen")).to_be_visible()
    expect(label(page)).to_have_text("epoch 130")


def test_what_is_saved_is_black_on_white(open_board: Open) -> None:
    page = open_board(5, color_scheme="dark")
    name, content = saved(button(page, "board as PNG"))
    picture = Image.open(io.BytesIO(content)).convert("L")
    assert (name, picture.size) == ("first board.png", (84 + 560, 5 * 56))
    # In the middle of the first square and beside it; the first row's is smaller than the last's.
    assert picture.getpixel((84 + 16, 16)) == 0 and picture.getpixel((84 + 2, 2)) == 255
    assert picture.getpixel((84 + 31, 31)) == 255 and picture.getpixel((84 + 31, 4 * 56 + 31)) == 0

    name, content = saved(button(page, "film as GIF"))
    film = Image.open(io.BytesIO(content))
    # The last epoch stays for six frames.
    assert (name, film.size, film.n_frames) == ("first film.gif", (560, 260), 4 + 6)
    assert film.info["duration"] == 170 and film.info["loop"] == 0
    squares = []
    for frame in range(film.n_frames):
        film.seek(frame)
        squares.append(sum(film.convert("L").crop((0, 0, 560, 224)).histogram()[:128]))
    assert squares == sorted(squares) and len(set(squares)) == 5
    expect(page.get_by_role("status").get_by_text("Saved first film.gif")).to_be_visible()
