"""Every page at every width, with the sidebar as it opens there: nothing overflows, stands a letter
a line, or is too small to be dragged."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.test_pages import PAGES, go
from tests.browser.waiting import SIDEBAR_IN_PLACE, at_rest, layout_of
from tests.support.browser import box

WIDTHS = (1920, 1280, 1024, 900, 820, 780, 600, 390, 320)
LARGE_TYPE = "html:root:root { font-size: 24px }"
"""As a visitor may have set it in the browser."""
# What is wrong with the layout; a picture's own text, and what only a screen reader reads, aside.
FAULTS = """() => {
  const everywhere = (root) => [...root.querySelectorAll("*")].flatMap((each) =>
    each.shadowRoot ? [each, ...everywhere(each.shadowRoot)] : [each]);
  const main = document.querySelector(".stMain");
  const faults = [document.documentElement, main]
    .map((each) => [each, each.scrollWidth - each.clientWidth])
    .filter(([, over]) => over > 0)
    .map(([each, over]) => `${each.className || "the document"} overflows by ${over} px`);
  const sliders = "input[type=range], .stSlider";
  const texts = "p, h1, h2, li, dt, dd, th, td, figcaption";
  for (const chart of main.querySelectorAll(".stPlotlyChart")) {
    const over = chart.getBoundingClientRect().bottom -
      chart.closest(".stElementContainer").getBoundingClientRect().bottom;
    if (over > 1) faults.push(`a chart is cut by ${over} px`);
  }
  for (const each of main.querySelectorAll("[role=radiogroup]")) {
    const over = each.scrollWidth - each.clientWidth;
    if (over > 0) faults.push(`${over} px of “${each.getAttribute("aria-label")}” are cut off`);
  }
  for (const each of everywhere(main)) {
    if (!each.matches(`${sliders}, ${texts}`)) continue;
    if (each.closest(".unseen") || !each.checkVisibility({ visibilityProperty: true })) continue;
    const { width } = each.getBoundingClientRect();
    const words = each.innerText.trim();
    if (each.matches(sliders) && width < 110) faults.push(`a slider of ${width} px`);
    if (each.matches(texts) && words.length > 30 && width < 130) {
      faults.push(`${width} px for “${words.slice(0, 40)}”`);
    }
  }
  return faults;
}"""


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_whole_at_every_width(open_app: Open, path: str) -> None:
    page = open_app(path, reduced_motion="reduce")
    faults: dict[str, list[str]] = {}
    for view in PAGES[path]:
        layout_of(page, 1280)
        go(page, view)
        for width in WIDTHS:
            layout_of(page, width)
            faults[f"{view}, {width} px"] = page.evaluate(FAULTS)
    page.add_style_tag(content=LARGE_TYPE)
    for width in (1280, 390):
        layout_of(page, width)
        faults[f"{view}, {width} px, large type"] = page.evaluate(FAULTS)
    assert {at: found for at, found in faults.items() if found} == {}


def test_names_of_dims_stand_in_one_line_on_a_phone(open_app: Open) -> None:
    page = open_app("/xray", width=390)
    for name in page.locator(".dim-row .who b").all():
        assert name.evaluate("name => name.getClientRects().length") == 1


def test_the_sidebar_is_shut_on_a_tablet_until_the_visitor_opens_it(open_app: Open) -> None:
    page = open_app("/xray", width=900)
    page.wait_for_function(SIDEBAR_IN_PLACE, arg=True)
    page.get_by_test_id("stExpandSidebarButton").click()
    page.wait_for_function(SIDEBAR_IN_PLACE, arg=False)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Models").click()
    expect(page).to_have_title("Models · Digits with style")
    at_rest(page)
    page.reload()
    at_rest(page)
    page.wait_for_function(SIDEBAR_IN_PLACE, arg=False)


def test_in_a_low_window_the_digit_and_what_moves_or_follows_it_are_in_sight(
    open_app: Open,
) -> None:
    page = open_app("/")
    layout_of(page, 640, 400)
    page.locator(".row").evaluate("row => row.scrollIntoView({ block: 'end' })")
    for part in (page.locator(".pad"), page.locator(".row"), page.locator(".awake .strip").nth(3)):
        expect(part).to_be_in_viewport(ratio=0.9)
    # Where there are more sliders than the window is high, the digit stays beside them.
    layout_of(page, 1280, 560)
    page.locator("summary").click()
    page.locator(".asleep .strip").last.scroll_into_view_if_needed()
    expect(page.locator(".pad")).to_be_in_viewport(ratio=0.9)


def test_in_a_low_window_the_pad_is_beside_what_is_read_on_it(open_app: Open) -> None:
    page = open_app("/draw")
    layout_of(page, 640, 400)
    pad, verdict = box(page.locator(".pad")), box(page.locator(".verdict"))
    assert pad["x"] + pad["width"] <= verdict["x"] and pad["y"] + pad["height"] / 2 < 400
