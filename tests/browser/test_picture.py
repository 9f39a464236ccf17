"""A picture of digits on the desk: its boxes by mouse, finger and keys; the number in the hand."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.desk import pad, shown
from tests.browser.test_pages import found_by_axe
from tests.browser.waiting import HAS_SCROLLED, SCROLLING, frames, settled
from tests.support.browser import box, stroke, touch
from tests.support.pictures import encoded, on_paper
from ui.draw.session import MAX_UPLOAD_MB

SCROLLED = "document.querySelector('[data-testid=stMain]').scrollTop"


def give(page: Page, *digits: int) -> Locator:
    """The boxes of the digits in a picture, once they are read."""
    page.get_by_test_id("stMain").get_by_text("Upload", exact=True).click()
    file = encoded(on_paper(*digits), "JPEG")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {"name": "number.jpg", "mimeType": "image/jpeg", "buffer": file}
    )
    boxes = page.get_by_role("group", name="Digits in your picture").get_by_role("button")
    expect(boxes).to_have_count(len(digits))
    shown(page)
    return boxes


def number(page: Page) -> Locator:
    return page.locator(".number b")


COPY = """async (bytes) => {
  const picture = new Blob([new Uint8Array(bytes)], { type: "image/png" });
  await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
}"""


DROP = """(pad, bytes) => {
  const carried = new DataTransfer();
  carried.items.add(new File([new Uint8Array(bytes)], "one.png", { type: "image/png" }));
  const said = { dataTransfer: carried, bubbles: true, cancelable: true, composed: true };
  return ["dragover", "drop"].map((name) => pad.dispatchEvent(new DragEvent(name, said)));
}"""


def test_a_picture_can_be_pasted_or_dropped_whichever_way_is_chosen(open_app: Open) -> None:
    page = open_app("/draw")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for digits in ([2, 0], [7, 3, 1]):
        page.evaluate(COPY, list(encoded(on_paper(*digits), "PNG")))
        page.keyboard.press("Control+v")
        expect(number(page)).to_have_text("".join(map(str, digits)))
    expect(page.get_by_role("radio", name="Upload")).to_be_checked()
    page.get_by_role("radio", name="Draw").press("Space")
    expect(page.get_by_test_id("stFileUploader")).to_have_count(0)
    pad(page).filter(visible=True).wait_for()
    expect(pad(page)).to_have_count(1)  # the desk before stays until the page has ended
    # Each is refused to the browser, which would open the file in place of the page.
    dropped = list(encoded(on_paper(6), "PNG"))
    assert pad(page).evaluate(DROP, dropped) == [False, False]
    expect(page.locator(".headline b")).to_have_text("6")
    expect(page.get_by_role("radio", name="Upload")).to_be_checked()
    another = list(encoded(on_paper(4), "PNG"))
    assert page.locator(".headline").evaluate(DROP, another) == [False, False]
    expect(page.locator(".headline b")).to_have_text("4")
    page.get_by_role("link", name="Explore", exact=True).click()
    settled(page.locator(".board"))
    assert page.locator(".board").evaluate(DROP, another) == [True, True]


def test_a_number_is_read_and_written_anew_and_taken_along(open_app: Open) -> None:
    page = open_app("/draw")
    boxes = give(page, 2, 0, 1)
    expect(number(page)).to_have_text("201")
    expect(page.get_by_role("img", name="201 in your hand")).to_be_visible()
    expect(page.get_by_text("from 3 digits")).to_be_visible()
    expect(page.get_by_text("taken as one hand")).to_be_visible()
    aloud = page.get_by_role("status")
    expect(aloud.filter(has_text="201. Three digits, and the model is sure")).to_have_count(1)
    expect(aloud.filter(has_text="sure that this is")).to_have_count(0)
    expect(page.get_by_text("One digit tells only part")).to_be_hidden()
    assert not found_by_axe(page)
    boxes.nth(0).click()
    expect(boxes.nth(0)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".headline b")).to_have_text("2")
    page.get_by_role("button", name="It is a 7").click()
    expect(number(page)).to_have_text("701")
    expect(page.locator(".number span")).to_contain_text("You say 701; the model reads 201")
    expect(aloud.filter(has_text="701. You say 701")).to_have_count(1)
    boxes.nth(0).press("ArrowDown")
    shown(page)
    expect(number(page)).to_have_text("701")
    # A kept digit counts once while its picture is there.
    page.get_by_role("button", name="Keep this digit").click()
    expect(page.get_by_label("The 7 that you kept", exact=True)).to_be_visible()
    boxes.nth(1).click()
    expect(page.locator(".headline b")).to_have_text("0")
    shown(page)
    expect(page.get_by_text("in your hand, from 3 digits")).to_be_visible()
    page.get_by_role("button", name="Write", exact=True).click()
    page.get_by_role("heading", name="Explore", exact=True).wait_for()
    expect(page.get_by_role("textbox", name="Write")).to_have_value("701")
    expect(page.locator(".board .hero")).to_have_attribute("aria-label", "A handwritten 0")


def test_what_was_said_of_a_picture_outlives_a_look_elsewhere(open_app: Open) -> None:
    page = open_app("/draw")
    boxes = give(page, 2, 5)
    boxes.nth(0).click()
    page.get_by_role("button", name="It is a 7").click()
    boxes.nth(0).press("ArrowDown")
    shown(page)
    expect(number(page)).to_have_text("75")
    ways = page.get_by_role("radiogroup", name="How to give a digit")
    ways.get_by_text("Draw").click()
    expect(boxes).to_have_count(0)
    ways.get_by_text("Upload").click()
    expect(number(page)).to_have_text("75")
    links = page.get_by_test_id("stSidebarNavLink")
    links.filter(has_text="Explore").click()
    page.get_by_role("heading", name="Explore", exact=True).wait_for()
    links.filter(has_text="Draw").click()
    expect(number(page)).to_have_text("75")
    expect(page.locator(".number span")).to_contain_text("You say 75; the model reads 25")


def test_a_box_follows_mouse_and_keys(open_app: Open) -> None:
    page = open_app("/draw")
    boxes = give(page, 2, 0, 1)
    # By the mouse: off its digit, on bare paper.
    boxes.nth(0).click()
    before = box(boxes.nth(0))["y"]
    stroke(boxes.nth(0), [(0.5, 0.5), (0.5, 0.5 - 1.2)])
    shown(page)
    moved = before - box(boxes.nth(0))["y"]
    assert moved > 5
    # Back by keys, and the digit is read again.
    boxes.nth(0).focus()
    for _ in range(round(100 * moved / box(page.locator(".picture .shot"))["height"])):
        page.keyboard.press("ArrowDown")
    shown(page)
    expect(number(page)).to_have_text("201")
    gone, shot = box(boxes.nth(0)), box(page.locator(".picture .shot"))
    page.keyboard.press("Delete")
    expect(boxes).to_have_count(2)
    expect(number(page)).to_have_text("01")
    # Drawn anew it is read where it stands, not last.
    left, top = gone["x"] - shot["x"], gone["y"] - shot["y"]
    corners = [(left, top), (left + gone["width"], top + gone["height"])]
    drawn = [(x / shot["width"], y / shot["height"]) for x, y in corners]
    stroke(page.locator(".picture .shot"), drawn)
    shown(page)
    expect(number(page)).to_have_text("201")
    expect(boxes.nth(0)).to_have_accessible_name(re.compile("Digit 1 of 3: 2"))
    expect(boxes.nth(0)).to_be_focused()
    page.keyboard.press("Delete")
    page.get_by_role("button", name="Find again").click()
    expect(number(page)).to_have_text("201")
    # Past the others it is the last, and open still.
    way = (box(boxes.nth(2))["x"] - box(boxes.nth(0))["x"]) / box(boxes.nth(0))["width"]
    stroke(boxes.nth(0), [(0.5, 0.5), (0.9 + way, 0.5)])
    shown(page)
    expect(number(page)).to_have_text(re.compile("^01"))
    expect(boxes.nth(2)).to_be_focused()
    expect(boxes.nth(2)).to_have_attribute("aria-pressed", "true")
    boxes.nth(0).dispatch_event("click")  # as a screen reader does
    expect(boxes.nth(0)).to_have_attribute("aria-pressed", "true")


def test_a_box_is_drawn_around_what_was_missed_and_a_picture_put_upright(open_app: Open) -> None:
    page = open_app("/draw")
    boxes = give(page, 4)
    expect(page.locator(".number")).to_be_hidden()
    expect(page.locator(".aloud")).to_be_empty()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.locator(".verdict .note")).to_contain_text("There is no box left in this picture")
    stroke(page.locator(".picture .shot"), [(0.08, 0.08), (0.92, 0.92)])
    expect(page.locator(".headline b")).to_have_text("4")
    shown(page)
    page.get_by_role("button", name="Turn left").click()
    shown(page)
    page.get_by_role("button", name="Turn right").click()
    shown(page)
    expect(boxes).to_have_count(1)
    expect(page.locator(".headline b")).to_have_text("4")


def test_a_tap_opens_a_box_which_a_finger_moves_and_a_swipe_scrolls(open_app: Open) -> None:
    page = open_app("/draw", width=390, height=660, has_touch=True, is_mobile=True)
    boxes = give(page, 6, 3)
    expect(number(page)).to_have_text("63")
    shot = page.locator(".picture .shot")
    # One of them is open, by no finger.
    opened = page.locator(".boxes [aria-pressed=true]")
    expect(opened).to_have_count(1)
    for each, begin in ((boxes.nth(0), 0.5), (boxes.nth(1), 0.5), (opened, 1)):  # 1: its corner
        shot.scroll_into_view_if_needed()
        frames(page, 2)  # that scroll is over, and said so
        before, scrolled = box(each)["x"], page.evaluate(SCROLLED)
        page.evaluate(SCROLLING)
        touch(each, [(begin, begin - up) for up in (0, 0.2, 1, 1.5)])
        page.wait_for_function(HAS_SCROLLED)
        assert page.evaluate(SCROLLED) != scrolled
        assert box(each)["x"] == before
    expect(number(page)).to_have_text("63")
    before = box(boxes.nth(1))["x"]
    boxes.nth(1).tap()
    expect(boxes.nth(1)).to_have_attribute("aria-pressed", "true")
    shown(page)
    touch(boxes.nth(1), [(0.5, 0.5), (0.3, 0.5), (0.1, 0.5), (-0.2, 0.5)])
    shown(page)
    assert box(boxes.nth(1))["x"] < before - 10


def test_in_a_strip_nothing_lies_on_the_digits(open_app: Open) -> None:
    page = open_app("/draw")
    boxes = give(page, 2, 3, 6, 2, 3, 6, 2, 3, 6, 2, 3, 6)
    strip = box(page.locator(".picture .shot"))
    assert strip["height"] < 64
    for label in map(box, boxes.locator("b").all()):
        assert label["y"] + label["height"] <= strip["y"] + 1


def test_why_a_file_is_refused_is_there_to_be_read(open_app: Open) -> None:
    page = open_app("/draw", width=390)
    page.get_by_test_id("stMain").get_by_text("Upload", exact=True).click()
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {"name": "big.png", "mimeType": "image/png", "buffer": bytes(MAX_UPLOAD_MB * 2**20 + 1)}
    )
    reason = page.get_by_role("alert").filter(has_text="or smaller")
    # Unless asked for it is there for screen readers alone, in one pixel.
    assert box(reason)["width"] > 200 and box(reason)["height"] > 10
    assert not found_by_axe(page)
