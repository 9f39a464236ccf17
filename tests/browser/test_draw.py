"""The Draw page as people use it: what is read, said, kept and saved."""

import json
import math
import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Open
from tests.browser.desk import button, pad, picture, reading, shown
from tests.browser.waiting import at_rest, frames, ink
from tests.support.browser import ONE, ZERO, box, saved, stroke
from tests.support.waiting import until

# Whatever is timed takes milliseconds more than it does.
SLOW = """
  const now = performance.now.bind(performance);
  let late = 0;
  performance.now = () => now() + (late += 9);
"""

# Frames are rare where a machine is busy; timers are not.
LATE_FRAMES = """
  const next = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (paint) => setTimeout(() => next(paint), 100);
"""
# A 5 is taken, and an 8 as soon as the 5 is read: all that follows the reading is yet to come.
TAKE_BOTH = """(desk) => new Promise((done) => {
  const take = (digit) => desk.querySelector(`[aria-label="Take a written ${digit}"]`).click();
  new MutationObserver((_, observer) => {
    observer.disconnect();
    take(8);
    done();
  }).observe(desk.querySelector(".headline b"), { childList: true });
  take(5);
})"""


def test_a_digit_is_read_while_drawn_and_the_rest_follows_with_the_pen_up(open_app: Open) -> None:
    page = open_app("/draw")
    below, sample, ten = (
        page.locator(each) for each in (".below", ".grid canvas >> nth=0", ".ten canvas")
    )
    shown(page)
    nobodys = picture(ten)
    stroke(pad(page), ONE, lift=False)
    expect(reading(page)).to_have_text("1")
    mine = picture(ten)
    assert mine != nobodys
    expect(below).to_be_hidden()
    page.mouse.up()
    expect(below).to_be_visible()
    for part in (pad(page), page.locator(".trio"), page.locator(".ten")):
        assert (at := box(part))["y"] >= 0 and at["y"] + at["height"] <= 800, "not all in sight"
    of_the_one = picture(sample)
    stroke(pad(page), ZERO, lift=False)
    shown(page)
    assert picture(ten) != mine and picture(sample) == of_the_one
    page.mouse.up()
    shown(page)
    assert picture(sample) != of_the_one


def test_what_comes_before_the_desk_is_at_rest_is_shown_whole(open_app: Open) -> None:
    page = open_app("/draw", init_script=LATE_FRAMES)
    button(page, "Take a written 4").click()
    shown(page)
    page.locator(".desk").evaluate(TAKE_BOTH)
    shown(page)
    expect(reading(page)).to_have_text("8")
    assert page.get_by_role("img", name="Sample 1: an 8").is_visible()


def test_where_networks_are_slow_a_thread_reads_what_is_under_the_pen(open_app: Open) -> None:
    page = open_app("/draw", init_script=SLOW)
    shown(page)
    clear = button(page, "Clear")
    with page.expect_worker() as begun:
        stroke(pad(page), ZERO)
    thread = begun.value
    thread.evaluate("globalThis.asked = 0; addEventListener('message', () => { asked += 1; })")
    # Its weights come from the server first.
    until(lambda: clear.click() or stroke(pad(page), ZERO) or thread.evaluate("asked"))
    clear.click()
    asked = thread.evaluate("asked")
    stroke(pad(page), ONE, lift=False)
    expect(reading(page)).to_have_text("1")
    assert thread.evaluate("asked") > asked
    shown(page)
    under_the_pen = picture(page.locator(".trio canvas >> nth=0"))
    page.mouse.up()
    shown(page)
    assert picture(page.locator(".trio canvas >> nth=0")) == under_the_pen
    expect(reading(page)).to_have_text("1")


def test_under_the_pen_no_sentence_is_of_another_digit_and_the_last_comes(open_app: Open) -> None:
    page = open_app("/draw")
    shown(page)
    page.evaluate(
        """() => {
          const host = [...document.querySelectorAll("*")]
            .find((each) => each.shadowRoot?.querySelector(".headline"));
          const [digit, words] = host.shadowRoot.querySelectorAll(".headline > *");
          window.said = [];
          const look = () => {
            said.push([digit.textContent, words.textContent]);
            requestAnimationFrame(look);
          };
          look();
        }"""
    )
    stroke(pad(page), ZERO[:-3], lift=False)
    shown(page)  # a thread may still be at it
    pairs = [pair for pair in page.evaluate("window.said") if pair[1]]
    assert len({digit for digit, _ in pairs}) > 1
    for digit, words in pairs:
        assert re.search(r"\ban? (\d)", words)[1] == digit, words  # type: ignore[index]
    tops = "bars => bars.map(({ style }) => 100 - parseFloat(style.transform.slice(11)))"
    shares = page.locator(".rail i").evaluate_all(tops)
    # Bars are set to a tenth of a percent, which may be rounded either way.
    said = [rf"({math.floor(each)}\s%|{math.ceil(each)}\s%|> 99\s%)" for each in shares]
    for small, share, words in zip(page.locator(".rail small").all(), shares, said, strict=True):
        expect(small).to_have_text(re.compile(f"^{words}$" if share > 1 else f"^{words}?$"))
    expect(page.locator(".headline span")).to_contain_text(re.compile(f"[(]{said[int(digit)]}[)]"))


def test_whoever_knows_better_says_so_and_a_kept_digit_remembers_it(open_app: Open) -> None:
    page = open_app("/draw")
    stroke(pad(page), ONE)
    shown(page)
    ten = page.locator(".ten canvas")
    as_read = picture(ten)
    button_of_seven = page.get_by_role("button", name="It is a 7")
    button_of_seven.click()
    expect(reading(page)).to_have_text("7")
    expect(page.locator(".headline")).to_contain_text("You say a 7; the model reads a 1")
    shown(page)
    assert picture(ten) != as_read
    # True of a digit as it was read, and as it is said to be.
    expect(page.get_by_label("Decode as")).to_have_value("this digit")
    expect(page.get_by_role("img", name="Sample 1: a 7")).to_be_visible()
    button_of_seven.click()
    expect(reading(page)).to_have_text("1")
    button_of_seven.click()
    button(page, "Keep this digit").click()
    expect(page.get_by_label("The 7 that you kept", exact=True)).to_be_visible()
    # Drawn again it is one with the kept one.
    button(page, "Undo").click()
    button_of_seven.click()
    expect(page.get_by_label("The 1 that you kept", exact=True)).to_be_visible()
    button_of_seven.click()
    shown(page)
    assert json.loads(saved(button(page, "Save JSON"))[1])["hand"]["digits"] == [7]
    button(page, "Clear").click()
    page.reload()
    expect(page.get_by_label("The 7 that you kept", exact=True)).to_be_visible()
    button(page, "Remove the 7 that you kept").click()
    expect(page.locator(".below")).to_be_hidden()


def test_what_was_said_of_a_digit_ends_with_it_and_is_saved_with_the_model(open_app: Open) -> None:
    page = open_app("/draw")
    seven = page.get_by_role("button", name="It is a 7")
    said = page.locator(".headline").get_by_text("You say a 7")
    for other in ("Take a written 4", "Clear"):
        stroke(pad(page), ONE)
        seven.click()
        expect(said).to_be_visible()
        button(page, other).click()
        expect(said).to_be_hidden()
    stroke(pad(page), [(0.2, 0.3), (0.2, 0.75)])
    stroke(pad(page), [(0.6, 0.3), (0.6, 0.75)])
    seven.click()
    button(page, "the right one").click()
    expect(reading(page)).to_have_text("1")
    seven.click()
    expect(said).to_be_visible()
    page.get_by_role("combobox", name="Model").click()
    late: list[Route] = []
    page.route("**/weights/**", lambda route: late.append(route))
    page.get_by_role("option", name="article").click()
    expect(button(page, "Save JSON")).to_be_hidden()  # the other model's reading is not its own
    until(lambda: frames(page, 1) or len(late) == 2)  # what reads, and what writes
    for request in late:
        request.continue_()
    page.unroute("**/weights/**")
    report = json.loads(saved(button(page, "Save JSON"))[1])
    assert (report["model"], report["told"], report["hand"]["digits"]) == ("article", 7, [7])
    assert saved(button(page, "Save PNG"))[1].startswith(b"\x89PNG")
    # While a picture is awaited other pages look at the drawing.
    page.get_by_role("radio", name="Upload").press("Space")
    page.get_by_test_id("stFileUploader").wait_for()
    at_rest(page)
    page.get_by_role("link", name="Inside", exact=True).click()
    page.get_by_role("radio", name="Loss").press("Space")
    expect(page.get_by_text("probability of the right digit")).to_be_visible()


def test_two_digits_on_the_pad_are_read_and_kept_one_by_one(open_app: Open) -> None:
    page = open_app("/draw")
    stroke(pad(page), [(0.2, 0.3), (0.2, 0.75)])
    stroke(pad(page), [(0.55, 0.3), (0.8, 0.3), (0.7, 0.75)])
    expect(page.get_by_text("2 digits stand on the pad")).to_be_visible()
    expect(reading(page)).to_have_text("1")
    button(page, "the right one").click()
    expect(reading(page)).to_have_text("7")
    page.get_by_role("button", name="It is a 2").click()
    said = page.locator(".headline").get_by_text("You say a 2; the model reads a 7")
    expect(said).to_be_visible()
    # The bar belongs to the 7; and what was said of it comes back with it.
    stroke(pad(page), [(0.66, 0.52), (0.84, 0.52)])
    expect(said).to_be_visible()
    button(page, "the left one").click()
    expect(reading(page)).to_have_text("1")
    button(page, "the right one").click()
    expect(said).to_be_visible()
    button(page, "Clear").click()
    expect(said).to_be_hidden()
    button(page, "Undo").click()
    expect(said).to_be_visible()
    expect(button(page, "the right one")).to_have_attribute("aria-pressed", "true")
    button(page, "Keep this digit").click()
    expect(page.get_by_label("The 2 that you kept", exact=True)).to_be_visible()
    expect(button(page, "the left one")).to_have_attribute("aria-pressed", "true")
    expect(reading(page)).to_have_text("1")
    button(page, "all as one").click()
    button(page, "read them one by one").click()
    button(page, "Keep this digit").click()
    expect(page.locator(".verdict .note")).to_contain_text("Kept. Now write another digit")
    expect(page.get_by_label("The 1 that you kept", exact=True)).to_be_visible()
    expect(page.get_by_text("in your hand, from 2 digits")).to_be_visible()
    assert ink(pad(page)) == 0


@pytest.mark.parametrize("width", [390, 320])
def test_on_a_phone_any_of_two_digits_can_be_chosen_and_the_pad_stays(
    open_app: Open, width: int
) -> None:
    page = open_app("/draw", width=width, height=844)
    stroke(pad(page), [(0.3, 0.2), (0.3, 0.8)])
    shown(page)
    pad(page).evaluate("pad => pad.scrollIntoView({ block: 'center' })")
    before = box(pad(page))
    stroke(pad(page), [(0.7, 0.2), (0.7, 0.8)])
    for name in ("the left one", "the right one", "all as one"):
        expect(button(page, name)).to_be_in_viewport(ratio=1)
    assert box(pad(page)) == before


def test_by_keys_digits_are_chosen_kept_and_removed_with_the_focus_near(open_app: Open) -> None:
    page = open_app("/draw")
    stroke(pad(page), [(0.2, 0.3), (0.2, 0.75)])
    stroke(pad(page), [(0.55, 0.3), (0.8, 0.3), (0.7, 0.75)])
    expect(reading(page)).to_have_text("1")
    button(page, "the right one").press("Enter")
    expect(reading(page)).to_have_text("7")
    expect(button(page, "the right one")).to_be_focused()
    shown(page)
    keep = button(page, "Keep this digit")
    keep.press("Enter")
    expect(reading(page)).to_have_text("1")
    shown(page)
    expect(keep).to_be_focused()
    keep.press("Enter")
    hand = page.locator(".hand .quiet")
    expect(hand).to_be_focused()
    button(page, "Remove the 7 that you kept").press("Enter")
    expect(button(page, "Remove the 1 that you kept")).to_be_focused()
    page.keyboard.press("Enter")
    expect(hand).to_be_focused()


def test_the_page_stays_where_one_draws_after_a_kept_digit_was_removed(open_app: Open) -> None:
    page = open_app("/draw", width=390, height=844)
    for points in (ONE, ZERO):
        stroke(pad(page), points)
        shown(page)
        button(page, "Keep this digit").click()
        shown(page)
    button(page, "Remove the 1 that you kept").click()
    shown(page)
    pad(page).scroll_into_view_if_needed()
    before = box(pad(page))["y"]
    stroke(pad(page), ONE)
    shown(page)
    assert box(pad(page))["y"] == before


def test_a_screen_reader_finds_no_reading_where_there_is_none_to_see(open_app: Open) -> None:
    page = open_app("/draw")
    status = page.locator(".verdict [role=status]:not(.aloud)")
    stroke(pad(page), ONE)
    expect(status).to_have_text(re.compile("^1. The model is sure"))
    button(page, "Clear").click()
    expect(status).to_be_empty()
    stroke(pad(page), [(0.5, 0.5)])
    expect(status).to_contain_text("only a speck of ink")


def test_a_projector_shows_large_type_and_all_ten_digits_with_the_pad(open_app: Open) -> None:
    page = open_app("/draw", width=1920, height=940)
    stroke(pad(page), ONE)
    for seen in (pad(page), reading(page), page.locator(".ten")):
        expect(seen).to_be_in_viewport(ratio=0.95)
    assert page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") > 17


def test_a_desk_that_was_left_is_let_go_of(open_app: Open) -> None:
    page = open_app("/draw")
    stroke(pad(page), ONE)
    shown(page)
    button(page, "Keep this digit").click()
    shown(page)
    button(page, "Remove the 1 that you kept").click()
    shown(page)
    page.locator(".desk").evaluate("desk => { window.left = new WeakRef(desk); }")
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Models", exact=True).click()
    at_rest(page)
    browser = page.context.new_cdp_session(page)

    def is_gone() -> bool:
        browser.send("HeapProfiler.collectGarbage")
        return bool(page.evaluate("left.deref() === undefined"))

    until(is_gone)
