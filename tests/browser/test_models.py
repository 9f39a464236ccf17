"""The Models page as people read it: an index, meanings a tap away on a phone, two side by side."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import expect

from tests.browser.waiting import layout_of

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Locator, Page

Open = Callable[..., "Page"]


pytestmark = pytest.mark.xdist_group("models")  # which opens its page once


@pytest.fixture(scope="module")
def opened(windows: Callable[[], AbstractContextManager[Open]]) -> Iterator["Page"]:
    with windows() as open_app:
        page = open_app("/models", fresh=True)
        page.locator(".stCode code").last.wait_for()
        page.locator(".js-plotly-plot .xtick").last.wait_for()
        yield page


@pytest.fixture
def page(opened: "Page") -> "Page":
    """The Models page, as wide as on a laptop."""
    layout_of(opened, 1280)
    return opened


def box(place: "Locator") -> "FloatRect":
    found = place.bounding_box()
    assert found
    return found


def test_the_index_stays_and_leads_to_each_part(page: "Page") -> None:
    index = page.locator(".index")
    for width in (1280, 390):
        layout_of(page, width)
        for word, heading in (
            ("Origin", "How it was made"),
            ("Copying", "Does it copy?"),
            ("Confidence", "How sure, and how often right"),
        ):
            index.get_by_text(word, exact=True).click()
            place = page.get_by_role("heading", name=heading)
            expect(place).to_be_in_viewport()
            # Below the index, which stayed, and not far below.
            bar = box(index)
            assert 0 <= bar["y"] <= 70
            assert 0 < box(place)["y"] - (bar["y"] + bar["height"]) < 60


def test_what_a_figure_means_is_in_sight_and_on_a_phone_a_tap_away(page: "Page") -> None:
    row = page.locator(".card tbody tr").nth(1)
    tall = box(row)["height"]
    layout_of(page, 390)
    closed = box(row)["height"]
    row.locator("summary").click()
    assert min(tall, box(row)["height"]) > closed + 10


def test_two_models_stay_beside_one_another(page: "Page") -> None:
    main = page.locator(".stMain")
    for width in (1280, 768, 390):
        layout_of(page, width)
        assert main.evaluate("main => main.scrollWidth - main.clientWidth") <= 0
        for part in ("confusion", "confidence", "copying", "origin"):
            first, second = (page.locator(f".st-key-{part}-{place}") for place in (0, 1))
            assert abs(box(first)["y"] - box(second)["y"]) < 2
        assert box(page.locator(".copies").first)["width"] > 250
    page.locator(".st-key-copying-1").scroll_into_view_if_needed()
    expect(page.locator(".copies").last).to_be_in_viewport(ratio=0.5)


def test_the_plots_follow_the_theme(page: "Page") -> None:
    colours = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        dot = page.locator(".st-key-confidence-0 .scatterlayer .point").first
        title = page.get_by_role("heading", name="Models", exact=True)
        ink = title.evaluate("title => getComputedStyle(title).color")
        expect(dot).to_have_css("fill", ink)
        colours.add(ink)
    assert len(colours) == 2
