"""What holds on every page: nobody is kept out, every picture has a name of its own, and what a
visitor wrote is text."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageChops
from playwright.sync_api import Page, expect

from tests.browser.conftest import HOSTILE_NAMES, Open
from tests.browser.waiting import at_rest, in_colors, layout_of, stands_still
from tests.support.browser import ONE, shot, stroke
from ui.experiments.scripts import TEXTS
from vae_model.runs.lock import acquire
from vae_model.runs.run import list_runs

PAGES = {
    "/": {"Explore": '.board[data-settled="true"]'},
    "/draw": {
        "Draw": ".samples",
        "Draw, Upload": "input[type=file]",
        "Draw, Camera": '[data-testid="stCameraInput"]',
    },
    "/train": {
        "Train": ".st-key-start button",
        "Train, Watch": ".js-plotly-plot .xtick",
        "Train, Compare": "table.compared",
        "Train, Runs": "input[type=file]",
    },
    "/inside": {"Inside": ".machine"},
    "/xray": {"X-ray": ".totals"},
    "/map": {"Map": ".js-plotly-plot .xtick"},
    "/experiments": {"Experiments": '[role="radiogroup"]'},
    "/models": {"Models": ".js-plotly-plot .xtick"},
}
"""With all that each can show, and what of it appears last."""
LAST_TO_APPEAR = {view: last for views in PAGES.values() for view, last in views.items()}
REACHED = {
    "Explore": {"3", "Random style", "Wander", "Write", "Copy link"},
    "Draw": {"Draw", "Medium pen", "Clear", "Take a written 4", "Keep this digit", "Save PNG"},
    "Train": {"Start training"},
    "Inside": {"Next", "Play"},
    "X-ray": {"0"},
    "Map": {"Across", "digit"},
    "Experiments": set[str](),
    "Models": {"Model", "Compare with"},
}
"""Names of stops of the Tab key, beside the menu's."""
WITHOUT_PICTURES = ("Train", "Draw, Upload", "Draw, Camera")
EXPERIMENTS = sum("question" in each for each in TEXTS.values())
PREDICTED = re.compile("^(As you predicted|It comes out differently)")
MOST_STOPS = 150
"""Of the Tab key on any page."""
HALO = 8
"""Pixels around an element in which its focus may show."""


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_open_to_everybody(open_app: Open, path: str) -> None:
    page = open_app(path, reduced_motion="reduce")
    for view in PAGES[path]:
        show(page, view)
        app = page.get_by_test_id("stAppViewContainer")
        assert app.evaluate("it => it.scrollHeight <= innerHeight"), f"{view} scrolls twice"
        if view in REACHED:
            check_tab(page, REACHED[view])
            page.set_viewport_size({"width": 1280, "height": 800})
        assert not found_by_axe(page), f"light {view}"
        in_colors(page, "dark")
        assert not found_by_axe(page, runOnly=["color-contrast"]), f"dark {view}"
        in_colors(page, "light")
        count = check_pictures(page)
        assert count or view in WITHOUT_PICTURES
        layout_of(page, 1280, 3000)
        assert stands_still(page), f"something moves on {view} though motion is not wanted"


def check_tab(page: Page, reached: set[str]) -> None:
    """Tab passes through the page, by these names among others, and is seen at every stop."""
    # High enough that no stop scrolls the page, or two looks could not be compared.
    page.set_viewport_size({"width": 1280, "height": 4000})
    at_rest(page)
    page.mouse.click(1, 1)  # Tab begins where the last click was
    names = set()
    unseen: list[tuple[dict[str, Any], Image.Image]] = []
    for passed in range(MOST_STOPS):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at is None or at["stop"] < passed:
            break
        names.add(at["name"])
        if not at["seen"]:
            unseen.append((at, around(page, at["box"])))
    else:
        pytest.fail("a trap")
    assert names >= {"Explore", "Models", *reached}
    page.evaluate("document.activeElement.blur()")
    for at, focused_look in unseen:
        without = around(page, at["box"])
        assert ImageChops.difference(focused_look, without).getbbox(), f"no focus to be seen: {at}"


def go(page: Page, view: str) -> None:
    """To a page, or a part of one, by the menu."""
    name = view.partition(", ")[0]
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    page.get_by_role("heading", name=name, exact=True).first.wait_for()
    at_rest(page)
    show(page, view)


def show(page: Page, view: str) -> None:
    """That view of the page, until nothing on it moves; with all that it shows on request."""
    part = view.partition(", ")[2]
    if part:
        page.get_by_test_id("stMain").get_by_role("radio", name=part).click()
    elif view == "Draw":
        stroke(page.get_by_label("Drawing pad"), ONE)
    elif view == "Experiments":
        questions = page.get_by_role("radiogroup")
        expect(questions).to_have_count(EXPERIMENTS)
        for question in questions.all():
            at_rest(page)
            question.get_by_role("radio").first.press("Space")
            expect(question.get_by_role("radio").first).to_be_checked()
        shown = page.get_by_test_id("stMain").get_by_text(
            PREDICTED
        )  # the last one is said aloud too
        expect(shown).to_have_count(EXPERIMENTS)
    page.locator(LAST_TO_APPEAR[view]).first.wait_for(state="attached")
    at_rest(page)


def found_by_axe(page: Page, **options: Any) -> list[str]:
    """What keeps somebody out, as axe sees it."""
    options["resultTypes"] = ["violations"]  # no list of all that passed, which is long
    return [
        f"{each['id']}: {each['help']}: {[node['html'][:200] for node in each['nodes'][:4]]}"
        for each in Axe().run(page, options=options).response["violations"]
        if each["impact"] != "minor"  # as what Streamlit's field for files has
    ]


# Every picture that is there to be seen, with the name that a screen reader says and what tells it
# from others. A part of a picture that has a name itself needs none.
PICTURES = """() => {
  const named = (element) => element.getAttribute("aria-label") || element.getAttribute("alt");
  const around = (element) => element && (element.parentElement ?? element.getRootNode().host);
  const found = [];
  const look = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) look(element.shadowRoot);
      const plot = element.classList.contains("js-plotly-plot");
      if (!plot && !element.matches("img, canvas, [role=img]")) continue;
      if (!element.checkVisibility({ visibilityProperty: true })) continue;
      if (element.matches("[alt=''], [aria-hidden=true], [aria-hidden=true] *")) continue;
      if (element.matches(".js-plotly-plot *")) continue;
      let name = named(element);
      for (let each = element; !name && (each = around(each)); ) {
        if (each.matches("[role=img], [role=figure], [role=group]")) name = named(each);
      }
      const shown = element.matches("canvas")
        ? element.toDataURL()
        : element.src || element.style.getPropertyValue("--ink") ||
          element.style.getPropertyValue("--shot");
      found.push({ name: name ?? "", shown, html: element.cloneNode().outerHTML.slice(0, 200) });
    }
  };
  look(document);
  return found;
}"""


def check_pictures(page: Page) -> int:
    """Each has a name, and others have others; how many there are."""
    pictures = page.evaluate(PICTURES)
    by_name: dict[str, str] = {}
    for each in pictures:
        name = each["name"]
        assert len(name) > 2, f"no name: {each['html']}"
        assert not name.lower().endswith((".png", ".webp", ".jpg", ".gif", ".svg")), name
        if each["shown"]:
            assert by_name.setdefault(name, each["shown"]) == each["shown"], f"two are {name!r}"
    return len(pictures)


def test_inside_plays_until_paused_and_each_stop_says_what_it_shows(open_app: Open) -> None:
    page = open_app("/inside")
    title = page.locator(".st-key-explained h2")
    first = title.inner_text()
    page.get_by_role("button", name="Play", exact=True).click()
    expect(title).not_to_have_text(first)
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    following = page.get_by_role("button", name="Next", exact=True)
    while following.is_enabled():
        before = title.inner_text()
        following.click()
        expect(title).not_to_have_text(before)
        at_rest(page)
        assert check_pictures(page)


# What has the focus, through shadow roots: its number, name and place; and whether its look, or
# that of what is around and in it, differs from its look without.
FOCUSED = """() => {
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
  const focused = look();
  element.blur();
  const seen = look() !== focused;
  element.focus({ focusVisible: true, preventScroll: true });
  const names = [
    element.getAttribute("aria-label"), element.labels?.[0]?.innerText, element.innerText,
  ];
  const { x, y, width, height } = element.getBoundingClientRect();
  window.stops ??= [];
  if (!window.stops.includes(element)) window.stops.push(element);
  return {
    stop: window.stops.indexOf(element),
    name: (names.find(Boolean) ?? "").trim(),
    seen,
    box: [x, y, x + width, y + height],
  };
}"""


def around(page: Page, box: list[float]) -> Image.Image:
    """What a box of the page and its surroundings look like, at rest."""
    at_rest(page)
    left, top = max(box[0] - HALO, 0), max(box[1] - HALO, 0)
    width, height = box[2] + HALO - left, box[3] + HALO - top
    return shot(page, clip={"x": left, "y": top, "width": width, "height": height})


ELSEWHERE = """[...document.links, ...document.images].map((each) => each.href || each.src)
  .filter((address) => address.includes("invalid") && !address.startsWith(location.origin))"""


def test_a_screen_reader_hears_which_page_came_and_what_a_button_brought(open_app: Open) -> None:
    page = open_app("/")
    heard = page.locator("body > [role=status]")
    page.get_by_role("button", name="Random style").click()
    expect(heard).to_have_text(re.compile("^Another style: slant "))
    page.get_by_role("link", name="Inside", exact=True).click()
    expect(heard).to_have_text("An image is 784 numbers")
    title = page.get_by_role("heading", level=2)
    page.get_by_role("button", name="Next").click()
    expect(title).not_to_have_text("An image is 784 numbers")
    expect(heard).to_have_text(title.inner_text())
    page.get_by_role("link", name="X-ray", exact=True).click()
    expect(heard).to_have_text("X-ray")


def test_names_that_visitors_gave_are_text_everywhere(open_app: Open, runs_folder: Path) -> None:
    runs = {each.name: each.id for each in list_runs(runs_folder).runs}
    page = open_app("/train")
    show(page, "Train, Runs")
    main = page.get_by_test_id("stMain")
    for name in HOSTILE_NAMES:
        row = main.locator(f".st-key-run-{runs[name]}")
        expect(row.locator("b").first).to_have_text(name)
        row.get_by_role("button", name="Use in the app").click()
        expect(page.get_by_test_id("stToast").last).to_contain_text("The app now uses")
        expect(page.get_by_role("combobox", name="Model")).to_have_value(f"{name}, your run")
        assert_nothing_taken_for_more(page)
        go(page, "Train, Runs")
        row.get_by_role("button", name="More").click()
        handle = acquire(runs_folder, runs[name], "training")
        try:
            refused = page.get_by_test_id("stToast").filter(has_text="only one can at a time")
            expect(refused).to_have_count(0)  # the last one's is gone: what comes is this one's
            page.get_by_role("button", name="Evaluate", exact=True).click()
            refused.wait_for()
            at_rest(page)
            assert_nothing_taken_for_more(page)
        finally:
            os.close(handle)
        go(page, "Train, Runs")
        row.get_by_role("button", name="More").click()
        page.get_by_role("button", name="Delete").click()
        expect(main.get_by_text("Deleted “")).to_have_text(re.compile(re.escape(name[:3])))
        assert_nothing_taken_for_more(page)
        page.get_by_role("button", name="Undo").click()
        expect(row).to_be_visible()
    for view in ("Train, Compare", "Train, Watch", "Models", "Inside"):
        go(page, view)
        assert_nothing_taken_for_more(page)


def assert_nothing_taken_for_more(page: Page) -> None:
    assert page.evaluate("window.pwned") is None
    assert page.evaluate(ELSEWHERE) == []
    said = page.locator(":is([data-testid=stToast], [data-testid=stAlert], .stMarkdown) p")
    for text in said.filter(has_text=re.compile("smile|invalid")).all():
        assert text.locator("*").count() == 0, text.inner_html()
