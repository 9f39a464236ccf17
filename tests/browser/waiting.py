"""Waiting for what the page itself says: never for a time."""

from typing import Literal

from PIL import ImageChops
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import shot

LEAST_SEEN = 8
"""Of 255: a browser paints round edges anew with a difference of one."""
# A touch while the page still moves would stop it, and nothing else.
SCROLLING = """() => {
  window.hasScrolled = false;
  document.querySelector("[data-testid=stMain]")
    .addEventListener("scrollend", () => { window.hasScrolled = true; }, { once: true });
}"""
HAS_SCROLLED = "window.hasScrolled"
# Whether the script is over and the page shows all that came of it: components say that they are
# settled, charts are drawn as wide as their place, pictures loaded, transitions at their end. What
# moves for ever, moves.
AT_REST = """() => {
  const app = document.querySelector("[data-testid=stApp]");
  if (app?.dataset.testScriptState !== "notRunning") return false;
  const everywhere = (root) => [...root.querySelectorAll("*")].flatMap((each) =>
    each.shadowRoot ? [each, ...everywhere(each.shadowRoot)] : [each]);
  const ends = (animation) => isFinite(animation.effect.getComputedTiming().endTime);
  const running = document.getAnimations().filter((each) => each.playState === "running");
  return !running.some(ends) && everywhere(document).every((each) =>
    each.dataset?.settled !== "false" && each.dataset?.stale !== "true" &&
    each.dataset?.testid !== "stSkeleton" && (each.localName !== "img" || each.complete) &&
    (!each.matches(".js-plotly-plot") || !each.clientWidth ||
      Math.abs(each._fullLayout?.width - each.clientWidth) < 1) &&
    (each.dataset?.testid !== "stPlotlyChart" || each.querySelector(".main-svg")));
}"""
INK = """canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  .data.reduce((sum, value, index) => sum + (index % 4 === 3 ? value : 0), 0)
  / (canvas.width * canvas.height * 255)"""
SIDEBAR_IN_PLACE = """(narrow) => {
  const { left, right } = document.querySelector("[data-testid=stSidebar]").getBoundingClientRect();
  return narrow ? right <= 0 : left >= 0;
}"""


def at_rest(page: Page) -> None:
    """Until nothing on the page is on its way."""
    frames(page, 2)
    page.wait_for_function(AT_REST, polling=100)


def settled(place: Locator) -> Locator:
    """A component, once all that was asked of it is in sight and told."""
    place.and_(place.page.locator('[data-settled="true"]')).wait_for()
    return place


def frames(page: Page, count: int) -> None:
    """So many frames have been painted: two after a change, and its handlers have painted too."""
    page.evaluate(
        """async (count) => {
          for (let i = 0; i < count; i++) await new Promise(requestAnimationFrame);
        }""",
        count,
    )


def layout_of(page: Page, width: int, height: int = 844) -> None:
    """Another size of the window, and all of the page laid out for it; where it is narrow, the
    sidebar folds away."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function(SIDEBAR_IN_PLACE, arg=width < 1100)
    at_rest(page)


def in_colors(
    page: Page, scheme: Literal["light", "dark"], contrast: Literal["active", "none"] = "none"
) -> None:
    """All of the page in these colours, or in a contrast theme's."""
    page.emulate_media(color_scheme=scheme, forced_colors=contrast)
    # A contrast theme leaves that to the system.
    known = scheme if contrast == "none" else "light dark"
    expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", known)
    at_rest(page)


def on_a_dense_screen(page: Page) -> None:
    """The window moves to a screen of twice the pixels. For good: the page is in a context of its
    own."""
    width, height = page.evaluate("[innerWidth, innerHeight]")
    # Chromium asks media queries anew only where the emulated window has another size, too.
    size = {"width": width, "height": height + 1, "mobile": False}
    screen = page.context.new_cdp_session(page)
    screen.send("Emulation.setDeviceMetricsOverride", {**size, "deviceScaleFactor": 2})
    page.wait_for_function("devicePixelRatio === 2")
    frames(page, 2)
    at_rest(page)


def ink(canvas: Locator) -> float:
    """The share of a canvas that is ink, once what was asked of it is painted."""
    frames(canvas.page, 2)
    share: float = canvas.evaluate(INK)
    return share


def stands_still(page: Page) -> bool:
    """Whether two looks at the window, many frames apart, show the same."""
    page.mouse.move(0, 0)
    looks = []
    for _ in range(2):
        frames(page, 20)
        looks.append(shot(page))
    difference = ImageChops.difference(*looks).getextrema()
    return max(most for _, most in difference) < LEAST_SEEN
