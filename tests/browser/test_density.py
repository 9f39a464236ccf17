"""Ink as fine as the screen: of a window that moves to one of more pixels, and of what unfolds."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.waiting import at_rest, on_a_dense_screen, settled
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
# As older browsers have it: what is folded away is nowhere. And as with a model of few dims: the
# digits beside them are so high that the board does not grow as more unfold.
NO_BOXES = """
  const { attachShadow } = Element.prototype;
  Element.prototype.attachShadow = function (...all) {
    const root = attachShadow.apply(this, all);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("details:not([open]) > .dims { display: none } .digits { height: 2000px }");
    queueMicrotask(() => root.adoptedStyleSheets.push(sheet));
    return root;
  };
"""
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


def test_strips_that_were_folded_away_are_there_once_they_unfold(open_app: Open) -> None:
    page = open_app(init_script=NO_BOXES)
    strips = page.locator(".asleep .strip")
    expect(strips.first).to_be_hidden()
    page.locator(".asleep summary").click()
    for strip in strips.all():
        expect(strip).to_have_attribute("src", re.compile("blob:"))
    settled(page.locator(".board"))
    assert page.evaluate(COARSE, [INK, FINEST]) == []
