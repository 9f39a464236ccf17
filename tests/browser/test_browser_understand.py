"""Inside, X-ray, Map and Models as people use them."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

Open = Callable[..., "Page"]

LAST_TO_APPEAR = {
    "Inside": ".machine",
    "X-ray": ".totals",
    "Map": ".js-plotly-plot .xtick",
    "Models": ".js-plotly-plot .xtick",
}


def go(page: "Page", name: str) -> None:
    page.get_by_test_id("stSidebarNavLink").filter(has_text=name).click()
    page.locator(LAST_TO_APPEAR[name]).first.wait_for()
    page.wait_for_load_state("networkidle")


def drag_round(page: "Page", reach: float) -> None:
    """A loop around the middle of the map."""
    box = page.locator(".js-plotly-plot .nsewdrag").first.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - reach, y - reach)
    page.mouse.down()
    for across, down in ((1, -1), (1, 1), (-1, 1), (-1, -1)):
        page.mouse.move(x + across * reach, y + down * reach, steps=5)
    page.mouse.up()


@pytest.mark.parametrize("name", LAST_TO_APPEAR)
def test_pages_fit_wide_and_narrow_screens(open_app: Open, name: str) -> None:
    page = open_app()
    go(page, name)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_timeout(300)
        main = page.locator(".stMain")
        assert main.evaluate("main => main.scrollWidth - main.clientWidth") <= 0
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def test_an_image_walks_through_all_stops_and_back(open_app: Open) -> None:
    page = open_app()
    go(page, "Inside")
    title = page.locator(".st-key-explained h3")
    seen = [title.inner_text()]
    following = page.get_by_role("button", name="Next", exact=True)
    for _ in range(7):
        following.click()
        expect(title).not_to_have_text(seen[-1])
        expect(page.locator(".st-key-explained .katex").first).to_be_visible()
        seen.append(title.inner_text())
    assert len(set(seen)) == 8
    expect(following).to_be_disabled()
    page.get_by_role("button", name="Back", exact=True).click()
    expect(title).to_have_text(seen[-2])


def test_play_walks_by_itself_until_paused(open_app: Open) -> None:
    page = open_app()
    go(page, "Inside")
    title = page.locator(".st-key-explained h3")
    first = title.inner_text()
    page.get_by_role("button", name="Play", exact=True).click()
    expect(title).not_to_have_text(first, timeout=15_000)
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_another_digit_for_the_decoder_another_image(open_app: Open) -> None:
    page = open_app()
    go(page, "Inside")
    made = page.locator(".machine .shot .digit").last
    before = made.get_attribute("style")
    page.get_by_label("Digit dims y").fill("a plain 8")
    page.keyboard.press("Enter")
    expect(made).not_to_have_attribute("style", before)
    expect(page.locator(".machine .shot .digit").first).to_be_visible()


def test_a_click_on_the_map_shows_the_digit_and_opens_its_style(open_app: Open) -> None:
    page = open_app()
    go(page, "Map")
    box = page.locator(".js-plotly-plot .nsewdrag").first.bounding_box()
    assert box
    # The middle of the map is full of points.
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.locator(".hoverlayer .hovertext").wait_for()
    page.mouse.down()
    page.mouse.up()
    expect(page.locator(".st-key-map-picked .pair .digit")).to_have_count(2)
    said = page.locator(".st-key-map-picked .said").inner_text()
    digit = re.search(r"read as (\d)", said)
    assert digit and "nats" in said
    page.get_by_role("button", name="Open in Explore").click()
    expect(page.locator(".board .hero")).to_have_attribute(
        "aria-label", f"A handwritten {digit[1]}"
    )
    expect(page).to_have_url(re.compile(r"z\d+="))


def test_a_loop_on_the_map_shows_the_group_in_its_mean_style(open_app: Open) -> None:
    page = open_app()
    go(page, "Map")
    page.get_by_role("radio", name="a group").click()
    page.get_by_text("Draw a loop").wait_for()
    page.wait_for_timeout(500)
    drag_round(page, 40)
    picked = page.locator(".st-key-map-picked")
    expect(picked.locator(".priced .digit")).to_have_count(10)
    counts = picked.locator(".priced figcaption").all_inner_texts()
    expect(picked.locator("strong")).to_have_text(f"{sum(map(int, counts))} digits")
    page.get_by_role("radio", name="thickness").click()
    expect(page.locator(".js-plotly-plot .colorbar")).to_have_count(1)


def test_the_xray_shows_any_digit(open_app: Open) -> None:
    page = open_app()
    go(page, "X-ray")
    first = page.locator(".dim-row .digit").first
    before = first.get_attribute("style")
    page.locator(".st-key-xray-digit").get_by_role("radio", name="8").click()
    expect(first).not_to_have_attribute("style", before)
    expect(first).to_have_attribute("aria-label", re.compile("^8 with "))


def test_the_models_stand_side_by_side(open_app: Open) -> None:
    page = open_app()
    go(page, "Models")
    expect(page.locator(".card thead th")).to_have_text(["studio", "article"])
    expect(page.locator(".confusion")).to_have_count(2)
