"""What holds on every page: nobody is kept out, and nobody asked but the page's own server."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

Open = Callable[..., "Page"]

PAGES = ["Explore", "Draw", "Train", "Inside", "X-ray", "Map", "Experiments", "Models"]
GRAVE = ("serious", "critical")
STROKE = ((0.5, 0.15), (0.5, 0.4), (0.5, 0.6), (0.5, 0.85))


def go(page: "Page", name: str) -> None:
    """To a page, until nothing on it moves."""
    if name != "Explore":
        page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    page.get_by_role("heading", name=name, exact=True).first.wait_for()
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    if name == "Draw":
        draw(page)
    page.wait_for_timeout(1200)


def draw(page: "Page") -> None:
    box = page.get_by_label("Drawing pad").bounding_box()
    assert box
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in STROKE]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=3)
    page.mouse.up()
    page.locator(".samples").wait_for()


# The fixture complains of every request that leaves for somewhere else.
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_no_page_keeps_anybody_out(open_app: Open, name: str, theme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = open_app(color_scheme=theme)
    go(page, name)
    found = [
        f"{each['id']}: {each['help']}: {[node['html'][:200] for node in each['nodes'][:4]]}"
        for each in axe.run(page).response["violations"]
        if each["impact"] in GRAVE
    ]
    assert not found, "\n".join(found)
