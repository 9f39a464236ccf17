"""The Explore page as people use it: pointer, keyboard, links, files."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.waiting import at_rest, frames, settled, stands_still
from tests.support.browser import box, saved, shot, stroke

VALUES = "inputs => inputs.map((input) => Number(input.value))"


def sliders(page: Page) -> Locator:
    return page.locator(".dims.awake input[type=range]")


def button(page: Page, name: str) -> Locator:
    return page.locator(".board").get_by_role("button", name=name, exact=True)


def digit(page: Page, name: str) -> Locator:
    return page.get_by_role("radio", name=name)


def picture(page: Page, selector: str = ".row canvas") -> str:
    """What a canvas shows, once everything has come to rest."""
    settled(page.locator(".board"))
    data: str = page.locator(selector).evaluate("canvas => canvas.toDataURL()")
    return data


def values(page: Page) -> list[float]:
    """Of all sliders, once the board is at rest: while it moves they are told less often."""
    settled(page.locator(".board"))
    found: list[float] = sliders(page).evaluate_all(VALUES)
    return found


def test_digits_follow_the_pressed_pointer_by_the_kernel_without_plotly(open_app: Open) -> None:
    page = open_app()
    before = picture(page)
    stroke(sliders(page).first, [(0.5, 0.5), (0.9, 0.5)], lift=False)
    assert picture(page) != before
    assert "z" not in page.url.partition("?")[2]
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"[?&]z\d+=2\.\d+"))
    plain = page.evaluate(
        """async () => {
          const mark = Object.keys(window).find((name) => name.startsWith("digits "));
          const { loaded } = window[mark]["shared/browser/loading.js"];
          const decoders = await Promise.all(loaded.values());
          return decoders.map(({ affine }) => affine.name === "affine");
        }"""
    )
    assert plain == [False]
    at_rest(page)
    names = page.evaluate("performance.getEntriesByType('resource').map((each) => each.name)")
    assert not [name for name in names if "plotly" in name.lower()]


def test_every_slider_and_the_pad_by_pointer_and_keyboard(open_app: Open) -> None:
    page = open_app()
    stroke(page.locator(".pad"), [(0.5, 0.5), (0.75, 0.25)])
    moved = values(page)
    assert [round(value, 1) for value in moved[:2]] == [1.5, 1.5]
    assert not any(moved[2:])
    page.locator(".dims.awake .track").nth(1).dblclick()
    assert values(page) == [moved[0], *[0] * (len(moved) - 1)]
    page.locator(".pad").dblclick(position={"x": 300, "y": 80})
    assert not any(values(page))
    for slider in sliders(page).all():
        slider.press("ArrowRight")
        slider.press("Shift+ArrowRight")
    assert values(page) == pytest.approx([0.6] * len(moved))
    page.locator(".pad").press("ArrowLeft")
    page.locator(".pad").press("ArrowUp")
    assert values(page)[:2] == pytest.approx([0.5, 0.7])
    expect(sliders(page).first).to_have_attribute("aria-valuetext", re.compile(r"\+0\.50"))


def test_a_digit_that_is_pointed_at_stays_in_sight(open_app: Open) -> None:
    page = open_app()
    settled(page.locator(".board"))
    digit(page, "5").hover()
    at_rest(page)
    seen = shot(digit(page, "5"))
    above_its_numeral = seen.crop((0, 0, seen.width, seen.width))
    assert above_its_numeral.convert("L").getextrema()[0] < 80


def test_bare_keys_choose_the_digit_where_the_board_is_meant_not_in_typing(open_app: Open) -> None:
    page = open_app()
    hero, written = page.locator(".hero"), page.get_by_label("Write", exact=True)
    page.get_by_role("link", name="Explore", exact=True).focus()
    page.keyboard.press("5")
    page.locator(".pad").hover()
    # By an Arabic keyboard.
    page.evaluate("dispatchEvent(new KeyboardEvent('keydown', { key: '٦', code: 'Digit6' }))")
    expect(hero).to_have_attribute("aria-label", "A handwritten 6")
    page.mouse.move(0, 0)
    button(page, "Undo").focus()
    page.keyboard.press("7")
    button(page, "Undo").click()
    button(page, "Undo").click()
    # Nothing came of the 5.
    expect(digit(page, "3")).to_be_checked()
    expect(button(page, "Undo")).to_be_disabled()
    expect(button(page, "Redo")).to_be_focused()
    page.keyboard.press("7")
    expect(hero).to_have_attribute("aria-label", "A handwritten 7")
    digit(page, "7").press("ArrowRight")
    expect(digit(page, "8")).to_be_checked()
    written.press_sequentially("12x5")
    expect(written).to_have_value("125")
    expect(page.get_by_text("Left out: “x”")).to_be_visible()
    expect(page).to_have_url(re.compile("text=125"))  # while the caret is still there
    expect(hero).to_have_attribute("aria-label", "A handwritten 8")
    expect(page.get_by_role("img", name="125, in handwriting")).to_be_visible()
    page.locator("summary").press("Enter")
    expect(page.locator(".asleep .dims input").first).to_be_visible()


def test_undo_and_redo_walk_through_what_was_done(open_app: Open) -> None:
    page = open_app()
    expect(button(page, "Undo")).to_be_disabled()
    button(page, "Random style").click()
    first = values(page)
    assert any(first)
    digit(page, "9").click()
    page.keyboard.press("Control+z")
    expect(digit(page, "3")).to_be_checked()
    button(page, "Undo").press("Enter")
    assert not any(values(page))
    button(page, "Redo").click()
    assert values(page) == first
    button(page, "Reset").click()
    assert not any(values(page))
    button(page, "Undo").click()
    assert values(page) == first


def test_wander_moves_on_until_stopped_and_jumps_where_motion_is_unwanted(open_app: Open) -> None:
    page = open_app()
    wander, first = button(page, "Wander"), sliders(page).first
    wander.click()
    assert not stands_still(page)
    wander.click()
    there = values(page)
    assert any(there)
    frames(page, 10)
    assert values(page) == there
    button(page, "Undo").click()
    assert not any(values(page))
    wander.click()
    # Where the hand is meanwhile is no step of undo.
    page.get_by_role("heading", name="Explore", exact=True).click()
    page.keyboard.press("ArrowDown")
    assert not stands_still(page)
    page.keyboard.press("Control+z")
    assert not any(values(page))
    page.emulate_media(reduced_motion="reduce")
    begun = page.evaluate("performance.now()")
    wander.click()
    expect(first).not_to_have_value("0")
    assert page.evaluate("performance.now()") - begun >= 3000


def test_blend_with_another_digit(open_app: Open) -> None:
    page = open_app("/?digit=1")
    plain = picture(page, ".hero")
    page.get_by_label("Blend with").select_option("7")
    expect(page.locator(".hero")).to_have_attribute("aria-label", "A blend of 1 and 7")
    assert picture(page, ".hero") != plain
    expect(page).to_have_url(re.compile("blend=7&mix=0.5"))
    offered = page.locator("#other option")
    expect(offered.and_(page.locator(":disabled"))).to_have_text(["1"])
    digit(page, "7").click()
    expect(offered.and_(page.locator(":disabled"))).to_have_text(["7"])
    digit(page, "1").click()
    page.get_by_label("Blend with").select_option("no other")
    assert picture(page, ".hero") == plain


def test_a_link_shows_the_same_in_a_fresh_browser(open_app: Open) -> None:
    page = open_app()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button(page, "Random style").click()
    page.keyboard.press("5")
    page.get_by_label("Blend with").select_option("6")
    page.get_by_label("Write", exact=True).fill("2026 11")
    page.get_by_label("with natural variation").check()
    canvases = (".hero", ".row canvas", ".written canvas")
    shown = [picture(page, selector) for selector in canvases]
    button(page, "Copy link").press("Space")
    expect(page.get_by_text("Link copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    path = "/" + link.split("/", 3)[3]
    assert "model=studio" in path and "weights=" in path
    again = open_app(path)
    expect(again.get_by_label("Write", exact=True)).to_have_value("2026 11")
    assert [picture(again, selector) for selector in canvases] == shown
    assert again.get_by_text("could be followed").count() == 0


def test_the_board_says_what_it_waits_for_where_that_takes_a_moment(open_app: Open) -> None:
    # Only in a context of its own have the weights never come.
    page = open_app("/models", locale="en-GB", expect_errors=["Failed to load resource"])
    page.route("**/weights/**", lambda route: route.abort())
    page.get_by_role("link", name="Explore", exact=True).click()
    expect(page.get_by_text("The model is on its way")).to_be_visible()
    before = box(page.locator(".pad"))
    page.unroute("**/weights/**")
    settled(page.locator(".board"))
    expect(page.get_by_text("The model is on its way")).to_be_hidden()
    assert box(page.locator(".pad")) == before


def test_a_teacher_hides_controls(open_app: Open) -> None:
    page = open_app("/?hide=sliders,pad,write,blend,actions,save,share")
    expect(page.locator(".hero")).to_be_visible()
    page.locator(".pad").focus()
    expect(page.locator(".pad")).not_to_be_focused()
    for name in (".dims.awake", ".axis.across", ".write", ".blend", ".actions", ".save", ".link"):
        expect(page.locator(name)).to_be_hidden()


def test_pictures_and_a_film_to_keep(open_app: Open) -> None:
    page = open_app("/?text=205&vary=1")

    def save(what: str, size: str) -> tuple[str, Image.Image]:
        page.get_by_label("Save", exact=True).select_option(what)
        page.get_by_label("Size").select_option(size)
        name, content = saved(button(page, "Save"))
        return name, Image.open(io.BytesIO(content))

    name, single = save("digit", "16")
    assert (name, single.size) == ("3.png", (448, 448))
    assert single.convert("L").getpixel((0, 0)) == 255 and min(single.convert("L").tobytes()) < 20
    name, ten = save("ten", "4")
    assert (name, ten.size) == ("ten digits.png", (1120, 112))
    name, writing = save("writing", "8")
    assert name == "205.png" and min(writing.convert("L").tobytes()) < 20
    name, film = save("walk", "8")
    assert (name, film.format, film.size, film.n_frames) == ("walk.gif", "GIF", (560, 224), 48)
    expect(page.get_by_text("Saved walk.gif at 4×, as large as a walk can be")).to_be_visible()


def test_the_style_outlives_another_page_or_model_and_the_digit_goes_along(open_app: Open) -> None:
    page = open_app()
    button(page, "Random style").click()
    page.keyboard.press("6")
    style = values(page)
    expect(page).to_have_url(re.compile("digit=6"))
    page.get_by_role("link", name="Draw", exact=True).click()
    page.get_by_role("heading", name="Draw", exact=True).wait_for()
    page.get_by_role("link", name="Explore", exact=True).click()
    assert values(page) == style
    expect(digit(page, "6")).to_be_checked()
    before = picture(page)
    page.get_by_label("Model").click()
    page.get_by_role("option", name="article").click()
    expect(page.locator(".dims .dim")).to_have_count(10)
    assert picture(page) != before
    assert not any(values(page))
