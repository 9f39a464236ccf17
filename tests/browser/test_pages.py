"""What holds on every page: nobody is kept out, nobody asked but the page's own server, every
picture has a name of its own, and what a visitor wrote is text."""

import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageChops

from tests.browser.conftest import HOSTILE
from tests.browser.waiting import at_rest, frames, layout_of
from vae_model.runs.lock import acquire

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

Open = Callable[..., "Page"]

PATHS = {
    "Explore": "/",
    "Draw": "/draw",
    "Train": "/train",
    "Inside": "/inside",
    "X-ray": "/xray",
    "Map": "/map",
    "Experiments": "/experiments",
    "Models": "/models",
}
# Where more is to be seen than a page shows at first.
VIEWS = [*PATHS, "Draw, Upload", "Draw, Camera", "Train, Watch", "Train, Runs", "Train, Compare"]
# What is there last, for every view.
LAST_TO_APPEAR = {
    "Explore": '.board[data-settled="true"]',
    "Draw": ".samples",
    "Train": ".st-key-start button",
    "Inside": ".machine",
    "X-ray": ".totals",
    "Map": ".js-plotly-plot .xtick",
    "Experiments": '[role="radiogroup"]',
    "Models": ".js-plotly-plot .xtick",
    "Draw, Upload": "input[type=file]",
    "Draw, Camera": '[data-testid="stCameraInput"]',
    "Train, Watch": ".js-plotly-plot .xtick",
    "Train, Runs": "input[type=file]",
    "Train, Compare": "table.compared",
}
LEAST_SEEN = 8
"""Of 255: a browser paints round edges anew with a difference of one."""
PREDICTED = re.compile("^(As you predicted|It comes out differently)")
GRAVE = ("serious", "critical")
STROKE = ((0.5, 0.15), (0.5, 0.4), (0.5, 0.6), (0.5, 0.85))


def go(page: "Page", view: str) -> None:
    """To a page, or a part of one, by the menu."""
    name = view.partition(", ")[0]
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    page.get_by_role("heading", name=name, exact=True).first.wait_for()
    at_rest(page)
    show(page, view)


def show(page: "Page", view: str) -> None:
    """That view of the page, until nothing on it moves; with all that it shows on request."""
    name, _, part = view.partition(", ")
    if part:
        page.get_by_test_id("stMain").get_by_role("radio", name=part).click()
    elif name == "Draw":
        draw(page)
    elif name == "Experiments":
        questions = page.get_by_role("radiogroup")
        expect(questions).to_have_count(6)
        for question in questions.all():
            at_rest(page)
            question.locator("label").first.click()
            expect(question.get_by_role("radio").first).to_be_checked()
        expect(page.get_by_text(PREDICTED)).to_have_count(6)
    page.locator(LAST_TO_APPEAR[view]).first.wait_for(state="attached")
    at_rest(page)


def draw(page: "Page", pad: "Locator | None" = None) -> None:
    """A 1, on a pad."""
    box = (pad or page.get_by_label("Drawing pad")).bounding_box()
    assert box
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in STROKE]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=3)
    page.mouse.up()


# A stand-in for a camera: a digit in dark ink, filmed.
CAMERA = """navigator.mediaDevices.getUserMedia = async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
  const pen = canvas.getContext("2d");
  const paint = () => {
    pen.fillStyle = "#ddd8cc";
    pen.fillRect(0, 0, 640, 480);
    pen.fillStyle = "#223";
    pen.fillRect(305, 90, 30, 300);
  };
  paint();
  setInterval(paint, 100);
  return canvas.captureStream(10);
};
navigator.mediaDevices.enumerateDevices = async () => [];"""
FILMS = "document.querySelector('video')?.currentTime > 0"


# The fixture complains of every request that leaves for somewhere else.
def test_a_photograph_is_read_without_asking_anybody_else(open_app: Open) -> None:
    page = open_app("/draw", permissions=["camera"], init_script=CAMERA)
    show(page, "Draw, Camera")
    page.wait_for_function(FILMS)
    page.get_by_test_id("stCameraInputButton").click()
    page.locator(".headline b").wait_for()
    expect(page.locator(".headline b")).to_have_text("1")


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_open_to_everybody(open_app: Open, view: str) -> None:
    page = open_app(PATHS[view.partition(", ")[0]], reduced_motion="reduce")
    show(page, view)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", theme)
        at_rest(page)
        assert not found_by_axe(page), theme
    assert every_picture_says_what_it_shows(page, view)
    assert stands_still(page), "something moves though motion is not wanted"
    for width in (1280, 390):
        layout_of(page, width)
        assert page.locator(".stMain").evaluate("main => main.scrollWidth - main.clientWidth") <= 0


def found_by_axe(page: "Page") -> list[str]:
    """What keeps somebody out, as axe sees it."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    return [
        f"{each['id']}: {each['help']}: {[node['html'][:200] for node in each['nodes'][:4]]}"
        for each in axe.run(page).response["violations"]
        if each["impact"] in GRAVE
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


def every_picture_says_what_it_shows(page: "Page", view: str) -> bool:
    """Whether there are any where there should be; each has a name, and others have others."""
    pictures = page.evaluate(PICTURES)
    by_name: dict[str, str] = {}
    for each in pictures:
        name = each["name"]
        assert len(name) > 2, f"no name: {each['html']}"
        assert not name.lower().endswith((".png", ".webp", ".jpg", ".gif", ".svg")), name
        if each["shown"]:
            assert by_name.setdefault(name, each["shown"]) == each["shown"], f"two are {name!r}"
    return bool(pictures) or view in ("Train", "Draw, Upload", "Draw, Camera")


def test_each_stop_of_inside_says_what_it_shows(open_app: Open) -> None:
    page = open_app("/inside")
    title = page.locator(".st-key-explained h3")
    for _ in range(7):
        before = title.inner_text()
        page.get_by_role("button", name="Next", exact=True).click()
        expect(title).not_to_have_text(before)
        at_rest(page)
        assert all(len(each["name"]) > 2 for each in page.evaluate(PICTURES))


def stands_still(page: "Page") -> bool:
    """Whether two looks at all of the page, many frames apart, show the same."""
    page.set_viewport_size({"width": 1280, "height": 3000})
    page.mouse.move(0, 0)
    at_rest(page)
    looks = []
    for _ in range(2):
        frames(page, 40)
        looks.append(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
    difference = ImageChops.difference(*looks).getextrema()
    return max(most for _, most in difference) < LEAST_SEEN


def test_motion_would_be_seen(open_app: Open) -> None:
    page = open_app("/draw")
    show(page, "Draw")  # its samples come one after another
    assert not stands_still(page)


def test_another_page_may_show_the_app_in_an_iframe(open_app: Open, server: str) -> None:
    page = open_app().context.new_page()
    page.set_content(f'<iframe src="{server}" width="1200" height="800"></iframe>')
    framed = page.frame_locator("iframe")
    framed.locator('.board[data-settled="true"]').wait_for()
    framed.get_by_role("link", name="Draw", exact=True).click()
    draw(page, framed.get_by_label("Drawing pad"))
    expect(framed.locator(".headline b")).to_have_text("1")


ELSEWHERE = """[...document.links, ...document.images].map((each) => each.href || each.src)
  .filter((address) => address.includes("invalid") && !address.startsWith(location.origin))"""


def test_names_that_visitors_gave_are_text_wherever_they_stand(
    open_app: Open, runs_folder: Path
) -> None:
    page = open_app("/train")
    show(page, "Train, Runs")
    main = page.get_by_test_id("stMain")
    for run_id, name in HOSTILE.items():
        row = main.locator(f".st-key-run-{run_id}")
        expect(row.locator("b").first).to_have_text(name)
        row.get_by_role("button", name="Use in the app").click()
        expect(page.get_by_test_id("stToast").last).to_contain_text("The app now uses")
        expect(page.get_by_role("combobox", name="Model")).to_have_value(f"{name}, your run")
        assert_nothing_taken_for_more(page)
        go(page, "Train, Runs")
        row.get_by_role("button", name="More").click()
        handle = acquire(runs_folder, run_id, "training")
        try:
            page.get_by_role("button", name="Evaluate", exact=True).click()
            refused = page.get_by_test_id("stToast").filter(has_text="only one can at a time")
            refused.first.wait_for()
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


def assert_nothing_taken_for_more(page: "Page") -> None:
    assert page.evaluate("window.pwned") is None
    assert page.evaluate(ELSEWHERE) == []
    said = page.locator(":is([data-testid=stToast], [data-testid=stAlert], .stMarkdown) p")
    for text in said.filter(has_text=re.compile("smile|invalid")).all():
        assert text.locator("*").count() == 0, text.inner_html()
