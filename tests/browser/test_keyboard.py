"""Every page with the keyboard alone: Tab, arrows, Enter, Space and digits, and never a pointer."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageChops

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE_MS
from tests.browser.waiting import at_rest, settled

if TYPE_CHECKING:
    from playwright.sync_api import Page

Open = Callable[..., "Page"]

PATHS = ["/", "/draw", "/train", "/inside", "/xray", "/map", "/experiments", "/models"]
MOST_STOPS = 150
"""Of the Tab key on any page."""
HALO = 8
"""Pixels around an element in which its focus may show."""

# What has the focus, through shadow roots: its number, role, name and place; and whether its look,
# or that of what is around and in it, differs from its look without.
FOCUSED = """([compare]) => {
  const active = (root) => {
    const element = root.activeElement;
    return element?.shadowRoot?.activeElement ? active(element.shadowRoot) : element;
  };
  const element = active(document);
  if (!element || element === document.body) return null;
  const around = (each) => each && (each.parentElement ?? each.getRootNode().host);
  const near = [element, element.nextElementSibling, ...element.children];
  for (let each = element, up = 0; up < 4 && (each = around(each)); up++) near.push(each);
  const look = () => near.filter(Boolean).map((each) => {
    const { outlineStyle, outlineWidth, boxShadow, borderColor, backgroundColor, color } =
      getComputedStyle(each);
    const outline = outlineStyle === "none" ? "" : outlineWidth;
    return [outline, boxShadow, borderColor, backgroundColor, color].join();
  }).join();
  let seen = true;
  if (compare) {
    const focused = look();
    element.blur();
    seen = look() !== focused;
    element.focus({ focusVisible: true, preventScroll: true });
  }
  const names = [
    element.getAttribute("aria-label"), element.labels?.[0]?.innerText, element.innerText,
  ];
  const { x, y, width, height } = element.getBoundingClientRect();
  window.stops ??= [];
  if (!window.stops.includes(element)) window.stops.push(element);
  return {
    stop: window.stops.indexOf(element),
    role: element.getAttribute("role") ?? element.type ?? element.localName,
    name: (names.find(Boolean) ?? "").trim(),
    seen,
    box: [x, y, x + width, y + height],
  };
}"""


def focused(page: "Page", compare: bool = False) -> dict[str, Any] | None:
    found: dict[str, Any] | None = page.evaluate(FOCUSED, [compare])
    return found


def reach(page: "Page", name: str, role: str = "") -> None:
    """Tab until this has the focus, past the end of the page and on from its beginning if need
    be."""
    passed = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        at = focused(page)
        if at and re.fullmatch(name, at["name"]) and role in ("", at["role"]):
            return
        passed.append(at and at["name"][:30])
    pytest.fail(f"Tab never comes to {name!r}, only to {passed}")


def press(page: "Page", *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def go(page: "Page", name: str) -> None:
    """By the menu."""
    reach(page, name)
    press(page, "Enter")
    page.get_by_role("heading", name=name, exact=True).first.wait_for()
    at_rest(page)


def picture(page: "Page", selector: str) -> str:
    """What a canvas of the board shows, once everything has come to rest."""
    settled(page.locator(".board"))
    data: str = page.locator(selector).evaluate("canvas => canvas.toDataURL()")
    return data


@pytest.mark.parametrize("path", PATHS)
def test_tab_passes_through_the_page_and_is_seen_at_every_stop(open_app: Open, path: str) -> None:
    # High enough that no stop scrolls the page, or two looks could not be compared.
    page = open_app(path, height=4000, reduced_motion="reduce")
    stops: list[int] = []
    unseen: list[tuple[dict[str, Any], Image.Image]] = []
    left = False
    while not left:
        page.keyboard.press("Tab")
        at = focused(page, compare=True)
        left = at is None or at["stop"] in stops
        if at is None or left:
            continue
        stops.append(at["stop"])
        assert len(stops) < MOST_STOPS, "a trap"
        if not at["seen"]:
            unseen.append((at, around(page, at["box"])))
    assert len(stops) > 5
    page.evaluate("document.activeElement.blur()")
    for at, focused_look in unseen:
        without = around(page, at["box"])
        assert ImageChops.difference(focused_look, without).getbbox(), f"no focus to be seen: {at}"


def around(page: "Page", box: list[float]) -> Image.Image:
    """What a box of the page and its surroundings look like, at rest."""
    at_rest(page)
    left, top = max(box[0] - HALO, 0), max(box[1] - HALO, 0)
    width, height = box[2] + HALO - left, box[3] + HALO - top
    shot = page.screenshot(clip={"x": left, "y": top, "width": width, "height": height})
    return Image.open(io.BytesIO(shot)).convert("RGB")


def test_explore(open_app: Open) -> None:
    page = open_app(permissions=["clipboard-read", "clipboard-write"])
    hero, ten = page.locator(".hero"), ".row canvas"
    reach(page, "3", "radio")
    press(page, "ArrowRight")
    expect(hero).to_have_attribute("aria-label", "A handwritten 4")
    press(page, "7")
    expect(hero).to_have_attribute("aria-label", "A handwritten 7")
    before = picture(page, ten)
    slider = page.locator(".dims.awake input").first
    reach(page, slider.evaluate("input => input.labels[0].innerText"), "range")
    press(page, "ArrowRight", "Shift+ArrowRight")
    expect(slider).to_have_value("0.6")
    moved = picture(page, ten)
    assert moved != before
    reach(page, "Undo")
    press(page, "Enter")
    expect(slider).to_have_value("0")
    assert picture(page, ten) == before
    reach(page, r"\d+ more that this model hardly uses")
    press(page, "Enter")
    expect(page.locator(".asleep .dims input").first).to_be_visible()
    reach(page, "Write")
    page.keyboard.type("20")
    expect(page.get_by_role("img", name="20, in handwriting")).to_be_visible()
    reach(page, "Copy link")
    press(page, "Space")
    expect(page.get_by_text("Link copied")).to_be_visible()
    assert "digit=7" in page.evaluate("navigator.clipboard.readText()")


def test_draw(open_app: Open) -> None:
    page = open_app()
    go(page, "Draw")
    reading = page.locator(".headline b")
    reach(page, "Take a written 4")
    press(page, "Enter")
    expect(reading).to_have_text("4")
    reach(page, "Medium pen")
    press(page, "ArrowRight")
    expect(page.get_by_role("radio", name="Thick pen")).to_be_checked()
    reach(page, "Clear")
    press(page, "Enter")
    expect(reading).to_have_count(0)
    reach(page, "Undo")
    press(page, "Enter")
    expect(reading).to_have_text("4")
    reach(page, "Keep this digit")
    press(page, "Enter")
    expect(page.get_by_text("Kept. Now write another digit")).to_be_visible()
    reach(page, "Open in Explore")
    press(page, "Enter")
    expect(page.locator(".board .hero")).to_have_attribute("aria-label", "A handwritten 4")


def test_train(open_app: Open) -> None:
    page = open_app("/train")
    reach(page, r"(?s).*\bTraining", "summary")
    press(page, "Enter")
    reach(page, "epochs")
    press(page, "Control+a", *"30", "Enter")
    expect(page.get_by_text("1 changed from quick")).to_be_visible()
    reach(page, "Start training")
    press(page, "Enter")
    # A training gives way to whatever else the machine does.
    expect(page.locator(".epochs .label")).to_contain_text(
        re.compile("epoch [2-9]"), timeout=4 * PATIENCE_MS
    )
    reach(page, "Pause")
    press(page, "Enter")
    expect(page.get_by_text("Paused", exact=False).first).to_be_visible(timeout=60_000)
    reach(page, "Go on")
    press(page, "Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible(timeout=60_000)
    reach(page, "Stop")
    press(page, "Enter")
    expect(page.get_by_text("Stopped. It can go on where it was.")).to_be_visible(timeout=60_000)
    epoch = page.locator(".epochs .label")
    last = epoch.inner_text()
    reach(page, "Epoch", "range")
    press(page, "ArrowLeft")
    expect(epoch).not_to_have_text(last)
    reach(page, "All epochs")
    press(page, "End")
    expect(epoch).to_have_text(last)


def test_inside(open_app: Open) -> None:
    page = open_app("/inside")
    title = page.locator(".st-key-explained h3")
    first = title.inner_text()
    reach(page, "Next")
    press(page, "Enter")
    expect(title).not_to_have_text(first)
    reach(page, "Back")
    press(page, "Space")
    expect(title).to_have_text(first)


@pytest.mark.parametrize("control", ["colour", "axes"])
def test_map(open_app: Open, control: str) -> None:
    page = open_app("/map")
    chosen = page.locator(f".st-key-{control} [role=radio][aria-checked=true]")
    before = chosen.inner_text()
    reach(page, re.escape(before), "radio")
    press(page, "ArrowRight", "Enter")
    expect(chosen).not_to_have_text(before)


def test_experiments(open_app: Open) -> None:
    page = open_app("/experiments")
    first = page.get_by_test_id("stMain").get_by_role("radio").first
    for _ in range(MOST_STOPS):
        press(page, "Tab")
        if first.evaluate("radio => radio === document.activeElement"):
            break
    press(page, "Space")
    expect(
        page.get_by_text(re.compile("As you predicted|It comes out differently"))
    ).to_be_visible()


def test_models(open_app: Open) -> None:
    page = open_app("/models")
    reach(page, "Model", "combobox")
    press(page, "ArrowDown", "ArrowDown", "Enter")
    expect(page.get_by_role("combobox", name="Model").first).to_have_value("article")
    expect(page).to_have_url(re.compile("model=article"))


def test_xray(open_app: Open) -> None:
    page = open_app("/xray")
    first = page.locator(".dim-row .digit").first
    reach(page, r"\d", "radio")
    press(page, "ArrowRight", "Enter")
    expect(first).to_have_attribute("aria-label", re.compile("^1 with "))


def test_what_cannot_be_reached_would_be_noticed(open_app: Open, tmp_path: Path) -> None:
    page = open_app()
    page.evaluate("document.querySelectorAll('a').forEach((a) => a.setAttribute('tabindex', -1))")
    with pytest.raises(pytest.fail.Exception, match="never comes to 'Draw'"):
        reach(page, "Draw")
