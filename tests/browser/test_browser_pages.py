"""What holds on every page: nobody is kept out, nobody asked but the page's own server, every
picture has a name of its own, and what a visitor wrote is text."""

import io
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from PIL import Image, ImageChops

from benchmarks.live_app import serve_process
from vae_model import runs
from vae_model.lock import acquire

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

Open = Callable[..., "Page"]

PAGES = ["Explore", "Draw", "Train", "Inside", "X-ray", "Map", "Experiments", "Models"]
# Where more is to be seen than a page shows at first.
VIEWS = [*PAGES, "Draw, Upload", "Draw, Camera", "Train, Watch", "Train, Runs", "Train, Compare"]
# Run names that a browser, Markdown or Plotly may take for more than text.
HOSTILE = {
    "html": "<img src=//x.invalid/a onerror=pwned=1><script>pwned=1",
    "pictures": "![a](http://x.invalid/b) [c](http://x.invalid/c) <b>d</b>",
    "marks": r":red[r] :smile: $\frac{a}{b}$ **b** _i_ `k` ~s~ &lt;",
    "links": "www.x.invalid http://x.invalid/e a@x.invalid",
}
LEAST_SEEN = 8
"""Of 255: a browser paints round edges anew with a difference of one."""
GRAVE = ("serious", "critical")
STROKE = ((0.5, 0.15), (0.5, 0.4), (0.5, 0.6), (0.5, 0.85))


@pytest.fixture(scope="module")
def runs_folder(trained_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("pages") / "runs"
    for run_id, name in HOSTILE.items():
        shutil.copytree(trained_once / "done", root / run_id)
        runs.rename(root, run_id, name)
    return root


@pytest.fixture(scope="module")
def server(runs_folder: Path) -> Iterator[str]:
    """Address of the app with some runs in its folder."""
    with serve_process(environment={"VAE_RUNS_DIR": str(runs_folder)}) as (address, _):
        yield address


@pytest.fixture(scope="module", params=VIEWS)
def view(
    request: pytest.FixtureRequest, windows: Callable[[], AbstractContextManager[Open]]
) -> Iterator[tuple[str, "Page"]]:
    """One after the other, opened once for all that only look at it; motion is not wanted."""
    with windows() as open_app:
        page = open_app(reduced_motion="reduce")
        go(page, request.param)
        yield request.param, page


def go(page: "Page", view: str) -> None:
    """To a page, or a part of one, until nothing on it moves; with all that it shows on request."""
    name, _, part = view.partition(", ")
    if name != "Explore":
        page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    page.get_by_role("heading", name=name, exact=True).first.wait_for()
    at_rest(page)
    if part:
        page.get_by_test_id("stMain").get_by_role("radio", name=part).click()
    elif name == "Draw":
        draw(page)
        page.locator(".samples").wait_for()
    elif name == "Map":
        page.locator(".js-plotly-plot .xtick").first.wait_for()
    elif name == "Experiments":
        questions = page.get_by_role("radiogroup")
        expect(questions).to_have_count(6)
        for question in questions.all():
            at_rest(page)
            question.locator("label").first.click()
            expect(question.get_by_role("radio").first).to_be_checked()
    at_rest(page)
    page.wait_for_timeout(1200)


def at_rest(page: "Page") -> None:
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


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
  const film = canvas.captureStream(10);
  setInterval(() => {
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#ddd8cc";
    pen.fillRect(0, 0, 640, 480);
    pen.fillStyle = "#223";
    pen.fillRect(305, 90, 30, 300);
  }, 100);
  return film;
};
navigator.mediaDevices.enumerateDevices = async () => [];"""


# The fixture complains of every request that leaves for somewhere else.
def test_a_photograph_is_read_without_asking_anybody_else(open_app: Open) -> None:
    page = open_app(permissions=["camera"])
    page.context.add_init_script(CAMERA)
    page.reload()
    page.locator('.board[aria-busy="false"]').wait_for()
    go(page, "Draw, Camera")
    page.get_by_test_id("stCameraInputButton").click()
    page.locator(".headline b").wait_for()
    expect(page.locator(".headline b")).to_have_text("1")


# The fixture complains of every request that leaves for somewhere else.
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_keeps_anybody_out(
    view: tuple[str, "Page"], theme: Literal["light", "dark"]
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = view[1]
    page.emulate_media(color_scheme=theme)
    page.wait_for_timeout(500)
    found = [
        f"{each['id']}: {each['help']}: {[node['html'][:200] for node in each['nodes'][:4]]}"
        for each in axe.run(page).response["violations"]
        if each["impact"] in GRAVE
    ]
    assert not found, "\n".join(found)


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


def test_every_picture_says_what_it_shows(view: tuple[str, "Page"]) -> None:
    name, page = view
    pictures = page.evaluate(PICTURES)
    assert pictures or name in ("Train", "Draw, Upload", "Draw, Camera")
    by_name: dict[str, str] = {}
    for each in pictures:
        name = each["name"]
        assert len(name) > 2, f"no name: {each['html']}"
        assert not name.lower().endswith((".png", ".webp", ".jpg", ".gif", ".svg")), name
        if each["shown"]:
            assert by_name.setdefault(name, each["shown"]) == each["shown"], f"two are {name!r}"


def test_each_stop_of_inside_says_what_it_shows(open_app: Open) -> None:
    page = open_app()
    go(page, "Inside")
    for _ in range(7):
        page.get_by_role("button", name="Next", exact=True).click()
        at_rest(page)
        page.wait_for_timeout(300)
        assert all(len(each["name"]) > 2 for each in page.evaluate(PICTURES))


def stands_still(page: "Page") -> bool:
    """Whether two looks at all of the page, a second apart, show the same."""
    page.set_viewport_size({"width": 1280, "height": 3000})
    page.mouse.move(0, 0)
    page.wait_for_timeout(1200)
    looks = []
    for _ in range(2):
        looks.append(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
        page.wait_for_timeout(1000)
    difference = ImageChops.difference(*looks).getextrema()
    return max(most for _, most in difference) < LEAST_SEEN


def test_nothing_moves_by_itself_where_motion_is_not_wanted(view: tuple[str, "Page"]) -> None:
    assert stands_still(view[1])


def test_motion_would_be_seen(open_app: Open) -> None:
    page = open_app()
    go(page, "Draw")  # its samples come one after another
    assert not stands_still(page)


def test_another_page_may_show_the_app_in_an_iframe(open_app: Open, server: str) -> None:
    page = open_app().context.new_page()
    page.set_content(f'<iframe src="{server}" width="1200" height="800"></iframe>')
    framed = page.frame_locator("iframe")
    framed.locator('.board[aria-busy="false"]').wait_for(timeout=30_000)
    framed.get_by_role("link", name="Draw", exact=True).click()
    draw(page, framed.get_by_label("Drawing pad"))
    expect(framed.locator(".headline b")).to_have_text("1")


ELSEWHERE = """[...document.links, ...document.images].map((each) => each.href || each.src)
  .filter((address) => address.includes("invalid") && !address.startsWith(location.origin))"""


def test_names_that_visitors_gave_are_text_wherever_they_stand(
    open_app: Open, runs_folder: Path
) -> None:
    page = open_app()
    go(page, "Train, Runs")
    main = page.get_by_test_id("stMain")
    for run_id, name in HOSTILE.items():
        row = main.locator(f".st-key-run-{run_id}")
        expect(row.locator("b").first).to_have_text(name)
        row.get_by_role("button", name="Use in the app").click()
        expect(page.get_by_test_id("stToast").last).to_contain_text("The app now uses")
        expect(page.get_by_role("combobox", name="Model")).to_have_value(f"{name}, your run")
        assert_nothing_taken_for_more(page)
        row.get_by_role("button", name="More").click()
        handle = acquire(runs_folder, run_id, "training")
        try:
            page.get_by_role("button", name="Evaluate", exact=True).click()
            refused = page.get_by_test_id("stToast").filter(has_text="only one can at a time")
            refused.first.wait_for()
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
