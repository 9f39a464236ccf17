"""The Models page as people read it: an index, meanings a tap away on a phone, two side by side."""

from urllib.parse import urlencode

from playwright.sync_api import expect

from tests.browser.conftest import HOSTILE_NAMES, Open
from tests.browser.waiting import in_colors, layout_of
from tests.support.browser import box

SECTIONS = {
    "Origin": "How it was made",
    "Copying": "Does it copy?",
    "Confidence": "How sure, and how often right",
}


def test_two_models_are_read_side_by_side_at_every_width_and_in_both_themes(open_app: Open) -> None:
    page = open_app("/models")
    page.locator(".commands").last.wait_for()
    page.locator(".js-plotly-plot .xtick").last.wait_for()
    index = page.locator(".index")
    explained = page.locator(".card tbody tr").nth(1)
    tall = box(explained)["height"]
    for width in (1280, 768, 390):
        layout_of(page, width)
        for part in ("confusion", "confidence", "copying", "origin"):
            first, second = (page.locator(f".st-key-{part}-{place}") for place in (0, 1))
            assert abs(box(first)["y"] - box(second)["y"]) < 2
        assert box(page.locator(".copies").first)["width"] > 250
        for word, heading in SECTIONS.items():
            index.get_by_text(word, exact=True).click()
            place = page.get_by_role("heading", name=heading)
            expect(place).to_be_in_viewport()
            # Below the index, which stayed, and not far below.
            bar = box(index)
            assert 0 <= bar["y"] <= 70
            assert 0 < box(place)["y"] - (bar["y"] + bar["height"]) < 60
    page.locator(".st-key-copying-1").scroll_into_view_if_needed()
    expect(page.locator(".copies").last).to_be_in_viewport(ratio=0.5)
    closed = box(explained)["height"]
    explained.locator("summary").click()
    assert min(tall, box(explained)["height"]) > closed + 10

    colours = set()
    for scheme in ("light", "dark"):
        in_colors(page, scheme)
        title = page.get_by_role("heading", name="Models", exact=True)
        ink = title.evaluate("title => getComputedStyle(title).color")
        dot = page.locator(".st-key-confidence-0 .scatterlayer .point").first
        expect(dot).to_have_css("fill", ink)
        colours.add(ink)
    assert len(colours) == 2


def test_a_long_name_of_a_run_is_read_whole(open_app: Open) -> None:
    address = urlencode({"model": f"{HOSTILE_NAMES[0]}, your run"})
    page = open_app(f"/models?{address}")
    for width in (1280, 390):
        layout_of(page, width)
        names = page.locator(".card thead th, .st-key-curves .label").all()
        assert len(names) == 5
        assert [each.evaluate("e => e.scrollWidth - e.clientWidth") for each in names] == [0] * 5
    page.locator(".st-key-curves .js-plotly-plot .nsewdrag").first.hover(position={"x": 2, "y": 60})
    hovered = page.locator(".hoverlayer .traces")
    expect(hovered).to_have_count(2)
    assert all(box(each)["width"] < 240 for each in hovered.all())
    # Their colours are not those of the lines, which follow the theme.
    expect(page.locator(".hoverlayer .js-line").first).to_be_hidden()
