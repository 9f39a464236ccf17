"""What has to be seen is seen: in both themes, in the system's contrast themes, on paper, and in a
browser without light-dark(). Measured in pixels of the screen."""

from collections.abc import Iterator
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.desk import pad
from tests.browser.test_pages import found_by_axe
from tests.browser.waiting import at_rest, frames, in_colors
from tests.support.app import serve_process
from tests.support.browser import ONE, box, shot, stroke

Scheme = Literal["light", "dark"]

LEAST = 3
"""To one: WCAG's least contrast of what is no text."""
LOOKS: tuple[tuple[Scheme, Literal["none", "active"]], ...] = (
    *(("light", "none"), ("dark", "none"), ("dark", "active")),
)
DRAWN = {
    "/draw": {
        **dict.fromkeys((".sheet", ".ten canvas", ".examples canvas"), 0.02),
        ".grid canvas >> nth=0": 0.02,
        ".bars": 0.03,
        ".dims .track >> nth=0": 0.1,
    },
    "/xray": {".strip .digit >> nth=0": 0.01, ".price .bar >> nth=1": 0.01},
    "/models": {".copies .digit >> nth=0": 0.01},
    "/inside": {".machine .digit >> nth=0": 0.01, ".machine .net >> nth=0": 0.01},
}
"""By page, what is drawn there, and the least share of it that is seen."""
PRINTED = {"/": ".hero", "/draw": ".ten canvas"}
"""A digit on a page of whose digits the browser draws."""
WITHOUT_LIGHT_DARK = """() => {
  for (const sheet of document.querySelectorAll("style")) {
    const text = sheet.textContent;
    if (text.includes("light-dark(")) sheet.textContent = text.replaceAll("light-dark(", "none(");
  }
}"""


def seen(page: Page, clip: FloatRect) -> NDArray[np.bool_]:
    """Which pixels (rows, columns) of a part of the page stand out against its commonest colour."""
    pixels = np.array(shot(page, clip=clip))
    colours, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_counts=True)
    ground, here = _luminance(colours[counts.argmax()]), _luminance(pixels)
    high, low = np.maximum(ground, here), np.minimum(ground, here)
    found: NDArray[np.bool_] = (high + 0.05) / (low + 0.05) >= LEAST
    return found


def _luminance(colour: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Of sRGB (..., 3), relative to white."""
    share = colour / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    found: NDArray[np.float64] = linear @ np.array([0.2126, 0.7152, 0.0722])
    return found


def in_sight(place: Locator) -> FloatRect:
    place.scroll_into_view_if_needed()
    frames(place.page, 2)
    return box(place)


def is_seen(place: Locator, share: float = 0.01) -> bool:
    """Whether so much of an element stands out."""
    return bool(seen(place.page, in_sight(place)).mean() >= share)


def has_line_below(place: Locator) -> bool:
    at = in_sight(place)
    strip: FloatRect = {**at, "y": at["y"] + at["height"] - 4, "height": 12}
    return bool((seen(place.page, strip).mean(axis=1) > 0.7).any())


def looks(page: Page) -> Iterator[str]:
    """Every look of the page, one after another."""
    for scheme, forced in LOOKS:
        in_colors(page, scheme, forced)
        yield f"{scheme}, contrast theme {forced}"


def test_digits_sliders_and_chosen_ones_of_the_board(open_app: Open) -> None:
    page = open_app(height=1000)
    track = page.locator(".dims.awake .track").first
    page.locator(".strip").evaluate_all("all => all.forEach((each) => each.style.opacity = 0)")
    for look in looks(page):
        assert is_seen(page.locator(".hero"), 0.05), look
        assert is_seen(page.locator(".row canvas"), 0.05), look
        slider = seen(page, in_sight(track))
        assert (slider.mean(axis=1) > 0.8).any(), f"track, {look}"
        assert (slider.mean(axis=0) > 0.6).any(), f"thumb, {look}"
        assert has_line_below(page.get_by_label("Write", exact=True)), look
        if "active" in look:
            assert has_line_below(page.get_by_role("radio", name="3"))
            assert not has_line_below(page.get_by_role("radio", name="4"))


@pytest.mark.parametrize("path", DRAWN)
def test_digits_bars_and_arrows_of_pages(open_app: Open, path: str) -> None:
    page = open_app(path, height=1000)
    if path == "/draw":
        stroke(pad(page), ONE)
    chosen = page.locator('.stMain [role="radio"][aria-checked="true"]')
    for look in looks(page):
        for part, share in DRAWN[path].items():
            assert is_seen(page.locator(part), share), f"{part}, {look}"
        if chosen.count():
            assert has_line_below(chosen.first), look
        if path == "/inside":
            machine = in_sight(page.locator(".machine"))
            scale = machine["width"] / 360
            # From the decoder to what it makes.
            arrow: FloatRect = {
                "x": machine["x"] + 305 * scale, "y": machine["y"] + 104 * scale,
                "width": 8 * scale, "height": 10 * scale,
            }  # fmt: skip
            assert seen(page, arrow).any(axis=0).mean() > 0.6, look


def test_what_is_chosen_or_pointed_at_is_marked_and_can_be_read(open_app: Open) -> None:
    page = open_app("/inside")
    chosen, other = (page.get_by_role("radio", name=name) for name in ("Image", "Digit"))
    schemes: tuple[Scheme, ...] = ("light", "dark")
    for scheme in schemes:
        in_colors(page, scheme)
        page.mouse.move(0, 0)
        at_rest(page)
        color = "e => getComputedStyle(e).color"
        assert chosen.evaluate(color) != other.evaluate(color)
        expect(chosen).to_have_css("opacity", "1")
        expect(other).not_to_have_css("opacity", "1")
        for place in (other, page.get_by_role("button", name="Next")):
            place.hover()
            expect(place).to_have_css("opacity", "1")
            at_rest(page)
            assert not found_by_axe(page), scheme
        page.get_by_role("button", name="Next").focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        page.mouse.move(0, 0)
        at_rest(page)
        assert not found_by_axe(page), scheme


def test_a_click_beside_a_short_word_is_meant_for_it(open_app: Open) -> None:
    page = open_app("/xray")
    five = page.get_by_role("radio", name="5", exact=True)
    word = box(five)
    page.mouse.click(word["x"] + word["width"] + 6, word["y"] + word["height"] / 2)
    expect(five).to_have_attribute("aria-checked", "true")


def test_circles_and_the_focus_of_links(open_app: Open) -> None:
    page = open_app("/experiments")
    options = page.get_by_test_id("stRadioOption")
    options.first.click()
    page.mouse.move(0, 0)
    link = page.get_by_role("link", name="Draw", exact=True)
    for look in looks(page):
        for place in (options.first, options.nth(1)):
            assert is_seen(place.locator("div > div").first, 0.05), look
        link.focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Shift+Tab")
        around = in_sight(link)
        edge: FloatRect = {**around, "y": around["y"] - 6, "height": 8}
        assert (seen(page, edge).mean(axis=1) > 0.9).any(), f"focus, {look}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_without_light_dark_shows_the_colours_of_the_systems_theme(
    open_app: Open, scheme: Scheme
) -> None:
    page = open_app("/xray", color_scheme=scheme)
    accent = page.locator(".total.chosen .bar i")
    cells = page.locator(".matrix td:not(:empty)")
    places = [accent, cells.first]
    before = [shot(place) for place in places]
    page.evaluate(WITHOUT_LIGHT_DARK)
    at_rest(page)
    after = [shot(place) for place in places]
    assert [each.tobytes() for each in after] == [each.tobytes() for each in before]
    assert has_line_below(page.locator('.stMain [role="radio"][aria-checked="true"]'))
    assert is_seen(cells.first)


def test_a_host_sets_light_or_dark_for_every_visitor(open_app: Open) -> None:
    with serve_process(environment={"STREAMLIT_THEME_BASE": "dark"}) as (address, _):
        page = open_app("/draw", at=address, color_scheme="light")
        app = page.get_by_test_id("stApp")
        expect(app).to_have_css("color-scheme", "dark")
        expect(app).to_have_css("background-color", "rgb(22, 22, 20)")
        assert is_seen(page.get_by_role("heading", level=1), 0.004)
        # Nor does the menu offer another.
        expect(page.get_by_test_id("stMainMenu")).to_have_count(0)


@pytest.mark.parametrize("path", ["/", "/draw", "/inside"])
def test_on_paper_there_is_the_page_alone_in_black_on_white(open_app: Open, path: str) -> None:
    page = open_app(path, color_scheme="dark")
    if path == "/draw":
        stroke(pad(page), ONE)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 710, "height": 1000})
    at_rest(page)
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    main = page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth - main.clientWidth") <= 0
    assert shot(page).getpixel((2, 2)) == (255, 255, 255)
    assert is_seen(page.get_by_role("heading", level=1), 0.004)
    assert is_seen(page.locator(PRINTED.get(path, ".stHtml .digit")).first)
