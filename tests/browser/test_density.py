"""Ink as fine as the screen: of a window that moves to one of more pixels, and of what unfolds."""

import pytest

from tests.browser.conftest import Open
from tests.browser.waiting import at_rest, on_a_dense_screen
from tests.support.browser import ONE, stroke

# How fine the ink is in sight that is coarser than the screen, and not as fine as it ever gets.
FINEST = [7 * 28 * 4, 28 * 20]
COARSE = """([selector, finest]) => {
  const everywhere = (root) => [...root.querySelectorAll("*")].flatMap((each) =>
    each.shadowRoot ? [each, ...everywhere(each.shadowRoot)] : [each]);
  return everywhere(document).filter((each) => each.matches(selector) && each.clientWidth)
    .map((each) => [each, each.naturalWidth ?? each.width])
    .filter(([each, width]) => width < each.clientWidth * devicePixelRatio)
    .filter(([, width]) => !finest.includes(width))
    .map(([each, width]) => `${each.className || each.localName} ${width}`);
}"""
INK = ".board canvas, .board .strip, .sheet, .examples canvas"


@pytest.mark.parametrize("path", ["/?text=2026", "/draw"])
def test_ink_becomes_finer_on_a_denser_screen(open_app: Open, path: str) -> None:
    page = open_app(path, locale="en-GB")
    if path == "/draw":
        stroke(page.locator(".sheet"), ONE)
        at_rest(page)
    assert page.evaluate(COARSE, [INK, FINEST]) == []
    on_a_dense_screen(page)
    assert page.evaluate(COARSE, [INK, FINEST]) == []
