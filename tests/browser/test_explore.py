"""The Explore page as people use it: pointer, keyboard, links, files."""

import io
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from PIL import Image

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import expect

from tests.browser.waiting import at_rest, frames, settled

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

Open = Callable[..., "Page"]


VALUES = "inputs => inputs.map((input) => Number(input.value))"


def sliders(page: "Page") -> "Locator":
    return page.locator(".dims.awake input[type=range]")


def button(page: "Page", name: str) -> "Locator":
    return page.locator(".board").get_by_role("button", name=name, exact=True)


def picture(page: "Page", selector: str = ".row canvas") -> str:
    """What a canvas shows, once everything has come to rest."""
    settled(page.locator(".board"))
    data: str = page.locator(selector).evaluate("canvas => canvas.toDataURL()")
    return data


def drag(
    page: "Page", place: "Locator", start: tuple[float, float], *way: tuple[float, float]
) -> None:
    box = place.bounding_box()
    assert box
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, *way)]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=5)
    page.mouse.up()


def values(page: "Page") -> list[float]:
    """Of all sliders, once the board is at rest: while it moves they are told less often."""
    settled(page.locator(".board"))
    found: list[float] = sliders(page).evaluate_all(VALUES)
    return found


def test_the_page_decodes_by_the_kernel(open_app: Open) -> None:
    page = open_app()
    plain = page.evaluate(
        """() => Promise.all([...globalThis.styleBoardModels.values()].map(
          async ({ decoder }) => (await decoder).affine.name === "affine"))"""
    )
    assert plain == [False]


def test_digits_follow_while_the_pointer_is_down(open_app: Open) -> None:
    page = open_app()
    first, before = sliders(page).first, picture(page)
    box = first.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2, steps=4)
    assert picture(page) != before
    assert "z" not in page.url.partition("?")[2]
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"[?&]z\d+=2\.\d+"))


def test_the_pad_moves_two_dims_at_once(open_app: Open) -> None:
    page = open_app()
    drag(page, page.locator(".pad"), (0.5, 0.5), (0.75, 0.25))
    moved = values(page)
    assert [round(value, 1) for value in moved[:2]] == [1.5, 1.5]
    assert not any(moved[2:])
    page.locator(".pad").dblclick(position={"x": 300, "y": 80})
    assert not any(values(page))


def test_every_slider_and_the_pad_by_keyboard(open_app: Open) -> None:
    page = open_app()
    for slider in sliders(page).all():
        slider.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowRight")
    assert values(page) == pytest.approx([0.6] * len(values(page)))
    page.locator(".pad").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    assert values(page)[:2] == pytest.approx([0.5, 0.7])
    expect(sliders(page).first).to_have_attribute("aria-valuetext", re.compile(r"\+0\.50"))


def test_keys_choose_the_digit_but_not_while_typing(open_app: Open) -> None:
    page = open_app()
    page.keyboard.press("7")
    expect(page.locator(".hero")).to_have_attribute("aria-label", "A handwritten 7")
    page.get_by_role("radio", name="7").press("ArrowRight")
    expect(page.get_by_role("radio", name="8")).to_be_checked()
    page.get_by_label("Write", exact=True).press_sequentially("12x5")
    expect(page.get_by_label("Write", exact=True)).to_have_value("125")
    expect(page.locator(".hero")).to_have_attribute("aria-label", "A handwritten 8")
    expect(page.get_by_role("img", name="125, in handwriting")).to_be_visible()


def test_undo_and_redo_walk_through_what_was_done(open_app: Open) -> None:
    page = open_app()
    expect(button(page, "Undo")).to_be_disabled()
    button(page, "Random style").click()
    first = values(page)
    assert any(first)
    page.get_by_role("radio", name="9").click()
    page.keyboard.press("Control+z")
    expect(page.get_by_role("radio", name="3")).to_be_checked()
    button(page, "Undo").click()
    assert not any(values(page))
    button(page, "Redo").click()
    assert values(page) == first
    button(page, "Reset").click()
    assert not any(values(page))
    button(page, "Undo").click()
    assert values(page) == first


def test_double_click_resets_a_slider(open_app: Open) -> None:
    page = open_app()
    button(page, "Random style").click()
    before = values(page)
    page.locator(".dims.awake .track").nth(1).dblclick()
    assert values(page) == [value if dim != 1 else 0 for dim, value in enumerate(before)]


def test_wander_moves_on_and_stops(open_app: Open) -> None:
    page = open_app()
    wander = button(page, "Wander")
    wander.click()
    first = sliders(page).first
    for _ in range(2):
        expect(first).not_to_have_value(first.input_value())
    wander.click()
    there = values(page)
    frames(page, 10)
    assert values(page) == there
    assert any(there)
    button(page, "Undo").click()
    assert not any(values(page))


def test_blend_with_another_digit(open_app: Open) -> None:
    page = open_app("/?digit=1")
    plain = picture(page, ".hero")
    page.get_by_label("Blend with").select_option("7")
    expect(page.locator(".hero")).to_have_attribute("aria-label", "A blend of 1 and 7")
    half = picture(page, ".hero")
    assert half != plain
    expect(page).to_have_url(re.compile("blend=7&mix=0.5"))
    page.get_by_label("Blend with").select_option("no other")
    assert picture(page, ".hero") == plain


def test_a_link_shows_the_same_in_a_fresh_browser(open_app: Open) -> None:
    page = open_app(permissions=["clipboard-read", "clipboard-write"])
    button(page, "Random style").click()
    page.keyboard.press("5")
    page.get_by_label("Blend with").select_option("6")
    page.get_by_label("Write", exact=True).fill("2026 11")
    page.get_by_label("with natural variation").check()
    canvases = (".hero", ".row canvas", ".written canvas")
    shown = [picture(page, selector) for selector in canvases]
    button(page, "Copy link").click()
    expect(page.get_by_text("Link copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    path = "/" + link.split("/", 3)[3]
    assert "model=studio" in path and "weights=" in path
    again = open_app(path)
    expect(again.get_by_label("Write", exact=True)).to_have_value("2026 11")
    assert [picture(again, selector) for selector in canvases] == shown
    assert again.get_by_text("could be followed").count() == 0


def test_a_link_edited_by_hand_is_followed_as_far_as_it_goes(open_app: Open) -> None:
    page = open_app("/?z1=abc&z2=1.5&digit=4&mix=7&weights=00000000&text=12;drop")
    said = page.get_by_text("could be followed")
    expect(said).to_contain_text("z1 must be a number")
    expect(said).to_contain_text("another model or version")
    expect(page.get_by_role("radio", name="4")).to_be_checked()
    assert 1.5 in page.locator(".track input").evaluate_all(
        "all => all.map((i) => Number(i.value))"
    )


def test_a_teacher_hides_controls(open_app: Open) -> None:
    page = open_app("/?hide=sliders,pad,write,blend,actions,save,share")
    expect(page.locator(".hero")).to_be_visible()
    for selector in (
        ".dims.awake",
        ".axis.across",
        ".write",
        ".blend",
        ".actions",
        ".save",
        ".link",
    ):
        expect(page.locator(selector)).to_be_hidden()


def downloaded(page: "Page", what: str, size: str) -> tuple[str, bytes]:
    page.get_by_label("Save", exact=True).select_option(what)
    page.get_by_label("Size").select_option(size)
    with page.expect_download() as download:
        button(page, "Save").click()
    path = download.value.path()
    return download.value.suggested_filename, path.read_bytes()


def test_pictures_to_keep(open_app: Open) -> None:
    page = open_app("/?text=205&vary=1")
    name, data = downloaded(page, "digit", "16")
    digit = Image.open(io.BytesIO(data)).convert("L")
    assert (name, digit.size) == ("3.png", (448, 448))
    assert digit.getpixel((0, 0)) == 255 and min(digit.tobytes()) < 20
    name, data = downloaded(page, "ten", "4")
    assert (name, Image.open(io.BytesIO(data)).size) == ("ten digits.png", (1120, 112))
    name, data = downloaded(page, "writing", "8")
    writing = Image.open(io.BytesIO(data)).convert("L")
    assert name == "205.png"
    assert min(writing.tobytes()) < 20


def test_a_film_to_keep(open_app: Open) -> None:
    page = open_app("/?z2=1")
    name, data = downloaded(page, "walk", "2")
    film = Image.open(io.BytesIO(data))
    assert (name, film.format, film.size) == ("walk.gif", "GIF", (280, 112))
    assert film.n_frames == 48


def test_a_finger_moves_the_pad_on_a_phone(open_app: Open) -> None:
    page = open_app(width=390, height=844, has_touch=True, is_mobile=True)
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) <= 0
    for choice in page.get_by_role("radio").all():
        box = choice.bounding_box()
        assert box and box["width"] >= 24 and box["height"] >= 44
    box = page.locator(".pad").bounding_box()
    assert box and box["width"] >= 280
    session = page.context.new_cdp_session(page)
    points = [{"x": box["x"] + 180, "y": box["y"] + 180 + step} for step in (0, 30, 60, 90)]
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[:1]})
    for point in points[1:]:
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert values(page)[1] < -1
    assert page.evaluate("document.querySelector('.stMain').scrollTop + window.scrollY") == 0


def test_another_model_takes_over(open_app: Open) -> None:
    page = open_app("/?digit=4&z2=1")
    before = picture(page)
    page.get_by_label("Model").click()
    page.get_by_role("option", name="article").click()
    expect(page.locator(".dims .dim")).to_have_count(10)
    assert picture(page) != before
    expect(page.get_by_role("radio", name="4")).to_be_checked()
    assert not any(values(page))
    expect(page).not_to_have_url(re.compile("z2="))


def test_what_the_hand_let_go_of_stays_over_a_look_at_another_page(open_app: Open) -> None:
    page = open_app()
    button(page, "Random style").click()
    page.keyboard.press("6")
    style = values(page)
    expect(page).to_have_url(re.compile("digit=6"))
    page.get_by_role("link", name="Draw", exact=True).click()
    page.get_by_role("heading", name="Draw", exact=True).wait_for()
    page.get_by_role("link", name="Explore", exact=True).click()
    assert values(page) == style
    expect(page.get_by_role("radio", name="6")).to_be_checked()


def test_explore_loads_no_plotly(open_app: Open) -> None:
    page = open_app()
    at_rest(page)
    names = page.evaluate("performance.getEntriesByType('resource').map((each) => each.name)")
    assert not [name for name in names if "plotly" in name.lower()]


# The colours of the digits in sight, and of the text around them.
INKS = """board => {
  const text = getComputedStyle(board).color;
  const inks = [...board.querySelectorAll(".hero, .row canvas")].map((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const solid = data.findIndex((value, i) => i % 4 === 3 && value === 255);
    return `rgb(${data.slice(solid - 3, solid).join(", ")})`;
  });
  return [text, ...inks];
}"""


def test_ink_has_the_colour_of_the_text_whenever_the_theme_changes(open_app: Open) -> None:
    page = open_app(fresh=True)
    throttle = page.context.new_cdp_session(page)
    board = page.locator(".board")
    seen = set()
    for theme, slower in (("dark", 1), ("light", 2), ("dark", 4)):
        throttle.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        # As soon as there is a board, while it still paints for the first time.
        page.reload(wait_until="commit")
        board.wait_for(state="attached")
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", theme)
        at_rest(page)
        text, *inks = board.evaluate(INKS)
        assert inks == [text, text]
        seen.add(text)
    assert len(seen) == 2


def test_wander_shows_single_styles_where_motion_is_not_wanted(open_app: Open) -> None:
    page = open_app(reduced_motion="reduce")
    button(page, "Wander").click()
    frames(page, 30)
    assert not any(sliders(page).evaluate_all(VALUES))
    expect(sliders(page).first).not_to_have_value("0")
