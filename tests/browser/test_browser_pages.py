"""Both pages as people use them: mouse, finger, keyboard, wide and narrow."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

Open = Callable[..., "Page"]
Points = list[tuple[float, float]]

ONE: Points = [(0.5, 0.15 + 0.7 * step / 12) for step in range(13)]
ZERO: Points = [
    (0.5, 0.15), (0.38, 0.19), (0.31, 0.32), (0.29, 0.5), (0.31, 0.68), (0.38, 0.81),
    (0.5, 0.85), (0.62, 0.81), (0.69, 0.68), (0.71, 0.5), (0.69, 0.32), (0.62, 0.19), (0.5, 0.15),
]  # fmt: skip


def go_to_draw(page: "Page") -> "Locator":
    page.get_by_role("link", name="Draw a digit").click()
    canvas = page.get_by_label("Drawing pad")
    canvas.wait_for()
    return canvas


def on(canvas: "Locator", points: Points) -> Points:
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]


def stroke(page: "Page", canvas: "Locator", points: Points) -> None:
    start, *rest = on(canvas, points)
    page.mouse.move(*start)
    page.mouse.down()
    for point in rest:
        page.mouse.move(*point, steps=3)
    page.mouse.up()


def finger(page: "Page", canvas: "Locator", points: Points) -> None:
    """A stroke by touch, as the browser itself would report it."""
    session = page.context.new_cdp_session(page)
    path = [{"x": x, "y": y} for x, y in on(canvas, points)]
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": path[:1]})
    for point in path[1:]:
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def reading(page: "Page") -> "Locator":
    return page.locator(".headline b")


def button(page: "Page", name: str) -> "Locator":
    return page.get_by_role("button", name=name, exact=True)


@pytest.mark.parametrize("width", [1280, 390])
def test_digits_are_read_and_the_pad_takes_back(open_app: Open, width: int) -> None:
    page = open_app(width=width, height=844)
    canvas = go_to_draw(page)
    stroke(page, canvas, ONE)
    expect(reading(page)).to_have_text("1")
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    button(page, "Clear").click()
    expect(page.get_by_text("The reading appears here")).to_be_visible()
    stroke(page, canvas, ZERO)
    expect(reading(page)).to_have_text("0")
    button(page, "Undo").click()
    expect(reading(page)).to_have_count(0)
    button(page, "Undo").click()
    expect(reading(page)).to_have_text("1")
    button(page, "Redo").click()
    expect(reading(page)).to_have_count(0)


def test_a_finger_draws_and_the_page_does_not_scroll(open_app: Open) -> None:
    page = open_app(width=390, height=500, touch=True)
    canvas = go_to_draw(page)
    expect(button(page, "Undo")).to_be_disabled()
    canvas.scroll_into_view_if_needed()
    scrolled = "document.querySelector('.stMain').scrollTop + window.scrollY"
    before = page.evaluate(scrolled)
    finger(page, canvas, ONE)
    expect(reading(page)).to_have_text("1")
    assert page.evaluate(scrolled) == before


def test_the_keyboard_reaches_undo_and_clear(open_app: Open) -> None:
    page = open_app()
    canvas = go_to_draw(page)
    stroke(page, canvas, ONE)
    expect(reading(page)).to_have_text("1")
    button(page, "Undo").focus()
    page.keyboard.press("Enter")
    expect(reading(page)).to_have_count(0)
    button(page, "Redo").press("Control+Shift+z")
    expect(reading(page)).to_have_text("1")
    button(page, "Clear").press("Enter")
    expect(reading(page)).to_have_count(0)


def test_the_drawing_is_still_there_after_a_look_at_explore(open_app: Open) -> None:
    page = open_app()
    stroke(page, go_to_draw(page), ZERO)
    expect(reading(page)).to_have_text("0")
    page.get_by_role("link", name="Explore").click()
    canvas = go_to_draw(page)
    expect(reading(page)).to_have_text("0")
    inked = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)"
    assert canvas.evaluate(f"canvas => ({inked})(canvas).data.some((value) => value > 0)")
    button(page, "Undo").click()
    expect(reading(page)).to_have_count(0)


def test_open_in_explore_goes_into_the_address(open_app: Open) -> None:
    page = open_app()
    page.get_by_role("button", name="Random style").click()
    expect(page).to_have_url(re.compile(r"z\d+="))
    stroke(page, go_to_draw(page), ZERO)
    page.get_by_role("button", name="Open this style in Explore").click()
    expect(page.locator(".digit.hero")).to_have_attribute("aria-label", "A handwritten 0")
    expect(page).to_have_url(re.compile(r"z\d+=.*digit=0"))
    page.wait_for_load_state("networkidle")
    ink = page.locator(".digit.hero").get_attribute("style")
    page.reload()
    expect(page.locator(".digit.hero")).to_have_attribute("style", ink)


@pytest.mark.parametrize("width", [1280, 390])
def test_choosing_a_digit(open_app: Open, width: int) -> None:
    page = open_app(width=width, height=844)
    choices = page.get_by_role("radio")
    expect(choices).to_have_count(10)
    for choice in choices.all():
        box = choice.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
        assert box["width"] >= 24 and box["height"] >= 44
    page.get_by_role("radio", name="8", exact=True).click()
    expect(page.locator(".digit.hero")).to_have_attribute("aria-label", "A handwritten 8")
    hero = page.locator(".digit.hero").bounding_box()
    assert hero and hero["width"] >= 280 and hero["y"] + hero["height"] < 844
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) <= 0


def test_random_style_and_reset(open_app: Open) -> None:
    page = open_app()
    hero = page.locator(".digit.hero")
    start = hero.get_attribute("style")
    page.get_by_role("button", name="Random style").click()
    expect(hero).not_to_have_attribute("style", start)
    page.get_by_role("button", name="Reset").click()
    expect(hero).to_have_attribute("style", start)


def test_explore_loads_no_plotly(open_app: Open) -> None:
    page = open_app()
    page.wait_for_load_state("networkidle")
    names = page.evaluate("performance.getEntriesByType('resource').map((each) => each.name)")
    assert not [name for name in names if "plotly" in name.lower()]
