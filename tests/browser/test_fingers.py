"""Explore under fingers: one moves, or scrolls; two zoom."""

from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Open
from tests.browser.test_explore import button, values
from tests.browser.waiting import at_rest
from tests.support.browser import box, inside, touch

# Touch is an option of a whole context.
PHONE: dict[str, Any] = {"width": 390, "has_touch": True, "is_mobile": True}


def test_a_finger_moves_the_pad_on_a_phone(open_app: Open) -> None:
    page = open_app(height=844, **PHONE)
    for choice in map(box, page.get_by_role("radio").all()):
        assert choice["width"] >= 24 and choice["height"] >= 44
    assert box(page.locator(".pad"))["width"] >= 280
    main = page.locator(".stMain")
    # Sideways first, and then wherever the finger goes.
    touch(page.locator(".pad"), [(0.6, 0.6), (0.7, 0.6), (0.8, 0.7), (0.8, 0.8), (0.8, 0.9)])
    assert values(page)[1] < -1
    assert main.evaluate(SCROLLED) == 0
    expect(page.locator(".pad")).to_be_focused()
    expect(page.locator(".pad")).to_have_css("outline-style", "none")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".pad")).to_have_css("outline-style", "solid")


def test_a_tap_beside_the_menu_closes_it_and_does_nothing_else(open_app: Open) -> None:
    page = open_app(height=844, **PHONE)
    sidebar = page.get_by_test_id("stSidebar")
    page.get_by_test_id("stExpandSidebarButton").tap()
    expect(sidebar).to_have_attribute("data-collapsed", "false")
    at_rest(page)
    pad = box(page.locator(".pad"))
    page.touchscreen.tap(pad["x"] + pad["width"] - 8, pad["y"] + pad["height"] / 2)
    expect(sidebar).to_have_attribute("data-collapsed", "true")
    assert not any(values(page))


def test_a_finger_going_up_scrolls_and_one_going_sideways_moves_a_value(open_app: Open) -> None:
    page = open_app("/?digit=1&blend=7&mix=0.5", height=660, **PHONE)
    main, mix = page.locator(".stMain"), page.locator("#mix")
    tracks = page.locator(".dims.awake .track").all()
    movable = [page.locator(".pad"), *tracks, mix]
    for place in (*movable, page.locator(".row"), page.locator(".actions")):
        before = swipe_from(place, up=140)
        assert main.evaluate(SCROLLED_AT_REST) > before + 20
    assert not any(values(page))
    expect(mix).to_have_value("0.5")
    expect(button(page, "Undo")).to_be_disabled()
    for place in movable:
        before = swipe_from(place, across=60)
        assert main.evaluate(SCROLLED_AT_REST) == before
    assert all(values(page))
    expect(mix).not_to_have_value("0.5")


SCROLLED = "main => main.scrollTop + scrollY"
# A page that was swiped goes on for a while.
SCROLLED_AT_REST = """main => new Promise((done) => {
  let [last, times] = [-1, 0];
  const look = () => {
    const now = main.scrollTop + scrollY;
    times = now === last ? times + 1 : 0;
    last = now;
    if (times > 9) done(now);
    else requestAnimationFrame(look);
  };
  look();
})"""


def swipe_from(place: Locator, *, across: float = 0, up: float = 0) -> float:
    """Of a finger, in pixels, from right of an element's middle; how far the page was scrolled
    before."""
    # Low in the window: there is more of the page below it.
    place.evaluate("place => place.scrollIntoView({ block: 'end' })")
    before: float = place.page.locator(".stMain").evaluate(SCROLLED_AT_REST)
    right, high = across / box(place)["width"], up / box(place)["height"]
    touch(place, [(0.6 + step / 6 * right, 0.5 - step / 6 * high) for step in range(7)])
    return before


def test_a_pinch_zooms_and_moves_no_value_be_it_that_its_first_finger_slipped(
    open_app: Open,
) -> None:
    page = open_app(height=844, **PHONE)
    zoom = page.context.new_cdp_session(page)
    pad, track = page.locator(".pad"), page.locator(".dims.awake .track").nth(2)
    above = -(box(pad)["height"] / 2 + 60)
    for place, slip, high in ((pad, 0, 0), (track, 0, 0), (pad, 20, 0), (pad, 20, above)):
        pinch(place, slip, high)
        page.wait_for_function("visualViewport.scale > 1")
        assert not any(values(page))
        expect(button(page, "Undo")).to_be_disabled()
        zoom.send("Emulation.setPageScaleFactor", {"pageScaleFactor": 1})
        page.wait_for_function("visualViewport.scale === 1")
    assert "z" not in page.url.partition("?")[2]


def pinch(place: Locator, slip: int, high: float) -> None:
    """Two fingers, one put down after the other, that spread sideways; in pixels, how far the first
    goes alone, and how much lower the second is."""
    session = place.page.context.new_cdp_session(place.page)
    place.scroll_into_view_if_needed()
    there = place.bounding_box()

    def send(kind: str, *fingers: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(fingers)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    for step in range(14):
        spread = 0.08 + 0.03 * step
        (left, y), (right, _) = inside(there, [(0.5 - spread, 0.5), (0.5 + spread, 0.5)])
        fingers = ((left - slip, y), (right, y + high))
        if step == 0:
            send("touchStart", (left, y))
            for slipped in range(4, slip + 1, 4):
                send("touchMove", (left - slipped, y))
            send("touchStart", *fingers)
        else:
            send("touchMove", *fingers)
    send("touchEnd")
