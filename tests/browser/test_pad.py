"""The drawing pad: pens, fingers, keys, and a drawing that stays."""

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.desk import button, pad, reading, shown
from tests.browser.waiting import ink
from tests.support.browser import ONE, ZERO, stroke, touch

COUNT_SOCKETS = """window.sockets = []; const Socket = WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...all) { super(...all); window.sockets.push(this); }
  }"""


def test_the_pad_works_before_the_model_is_there(open_app: Open) -> None:
    # Only in a context of its own have the weights never come.
    page = open_app("/models", locale="en-GB", expect_errors=["Failed to load resource"])
    page.route("**/weights/**", lambda route: route.abort())
    page.get_by_role("link", name="Draw", exact=True).click()
    page.locator(".desk:not([inert])").wait_for()
    stroke(pad(page), ONE)
    expect(page.locator(".verdict .note")).to_contain_text("The model is on its way")
    assert ink(pad(page))
    page.unroute("**/weights/**")
    expect(reading(page)).to_have_text("1")


def test_on_a_phone_a_finger_draws_and_nothing_scrolls(open_app: Open) -> None:
    # Touch is an option of a whole context.
    page = open_app("/draw", width=390, height=500, has_touch=True, is_mobile=True)
    expect(button(page, "Undo")).to_be_disabled()
    pad(page).scroll_into_view_if_needed()
    scrolled = "document.querySelector('.stMain').scrollTop + window.scrollY"
    before = page.evaluate(scrolled)
    touch(pad(page), ONE)
    expect(reading(page)).to_have_text("1")
    touch(pad(page), [(0.2, 0.5), (0.5, 0.5), (0.8, 0.5)])
    expect(page.locator(".below")).to_be_visible()
    assert page.evaluate(scrolled) == before
    # What was read, and all ten digits, are in sight with the pad.
    page.set_viewport_size({"width": 390, "height": 660})
    pad(page).evaluate("pad => pad.scrollIntoView({ block: 'end' })")
    for seen in (pad(page), reading(page), page.locator(".ten")):
        expect(seen).to_be_in_viewport(ratio=0.95)


def test_the_keyboard_reaches_everything_but_the_stroke(open_app: Open) -> None:
    page = open_app("/draw")
    button(page, "Take a written 4").press("Enter")
    expect(reading(page)).to_have_text("4")
    button(page, "Take a written 8").press("Space")
    expect(reading(page)).to_have_text("8")
    button(page, "Undo").press("Enter")
    expect(reading(page)).to_have_text("4")
    button(page, "Clear").press("Space")
    # What can be pressed no more hands the focus on: on the page Space would scroll.
    expect(button(page, "Undo")).to_be_focused()
    button(page, "Take a written 4").press("Enter")
    button(page, "Undo").press("Control+z")
    expect(reading(page)).to_be_hidden()
    button(page, "Redo").press("Control+Shift+z")
    expect(reading(page)).to_have_text("4")
    page.get_by_role("radio", name="Medium pen").press("ArrowRight")
    expect(page.get_by_role("radio", name="Thick pen")).to_be_checked()
    button(page, "Eraser").press("Enter")
    expect(button(page, "Eraser")).to_have_attribute("aria-pressed", "true")
    button(page, "Open in Explore").press("Enter")
    expect(page.locator(".board .hero")).to_have_attribute("aria-label", "A handwritten 4")


def test_keys_undo_a_stroke_wherever_the_focus_is_but_where_one_types(open_app: Open) -> None:
    page = open_app("/draw")
    stroke(pad(page), ONE)
    expect(reading(page)).to_have_text("1")
    page.keyboard.press("Control+z")
    expect(reading(page)).to_be_hidden()
    page.keyboard.press("Control+Shift+z")
    expect(reading(page)).to_have_text("1")
    page.get_by_role("radio", name="Thin pen").press("Control+z")
    expect(reading(page)).to_be_hidden()
    button(page, "Redo").click()
    shown(page)
    page.get_by_label("Write a number in this hand").press("Control+z")
    expect(button(page, "Undo")).to_be_enabled()
    # Who draws has left the field.
    stroke(pad(page), ZERO)
    shown(page)
    page.keyboard.press("Control+z")
    expect(button(page, "Redo")).to_be_enabled()
    expect(reading(page)).to_have_text("1")
    # Nor is undone what is out of sight.
    page.get_by_role("radio", name="Upload").click()
    expect(pad(page)).to_be_hidden()
    page.keyboard.press("Control+z")
    page.get_by_role("radio", name="Draw").click()
    expect(reading(page)).to_have_text("1")


def test_pens_differ_a_dot_is_seen_and_the_eraser_takes_ink_away(open_app: Open) -> None:
    page = open_app("/draw")
    amounts = []
    for name in ("Thin pen", "Medium pen", "Thick pen"):
        page.get_by_role("radio", name=name).check(force=True)
        stroke(pad(page), [(0.5, 0.5)])
        amounts.append(ink(pad(page)))
        button(page, "Clear").click()
    assert 0 < amounts[0] < amounts[1] < amounts[2]
    stroke(pad(page), ONE)
    before = ink(pad(page))
    button(page, "Eraser").click()
    stroke(pad(page), [(0.3, 0.5), (0.7, 0.5)])
    assert 0 < ink(pad(page)) < before


def test_the_drawing_outlives_other_pages_other_ways_and_a_reload(open_app: Open) -> None:
    page = open_app("/draw")
    stroke(pad(page), ZERO)
    drawn = ink(pad(page))
    # Whoever comes back can still undo, examples too.
    button(page, "Take a written 4").click()
    page.get_by_role("link", name="Explore").click()
    page.locator(".board").wait_for()
    page.get_by_role("link", name="Draw", exact=True).click()
    expect(reading(page)).to_have_text("4")
    button(page, "Undo").click()
    expect(reading(page)).to_have_text("0")
    assert ink(pad(page)) == drawn
    page.get_by_role("radio", name="Upload").click()
    expect(pad(page)).to_be_hidden()
    # Nothing is read that is out of sight.
    expect(
        page.get_by_text("The reading appears here once you have given a picture")
    ).to_be_visible()
    for of_the_pad in (reading(page), page.locator(".welcome .or"), page.locator(".below")):
        expect(of_the_pad).to_be_hidden()
    page.get_by_role("radio", name="Draw").click()
    # The desk comes anew; the one before stays, out of sight, until the page has ended.
    pad(page).filter(visible=True).wait_for()
    expect(pad(page)).to_have_count(1)
    assert ink(pad(page)) == drawn
    page.reload()
    expect(reading(page)).to_have_text("0")
    button(page, "Undo").click()
    expect(reading(page)).to_be_hidden()


def test_a_lost_connection_loses_no_stroke(open_app: Open) -> None:
    page = open_app(
        "/draw",
        init_script=COUNT_SOCKETS,
        expect_errors=["when disconnected from server", "already in CLOSING or CLOSED state"],
    )
    stroke(pad(page), ONE)
    expect(reading(page)).to_have_text("1")
    before = page.evaluate("sockets.forEach((socket) => socket.close()), sockets.length")
    button(page, "Clear").click()
    stroke(pad(page), ZERO)
    drawn = ink(pad(page))
    expect(reading(page)).to_have_text("0")
    page.wait_for_function("(before) => sockets.length > before", arg=before)
    assert ink(pad(page)) == drawn
