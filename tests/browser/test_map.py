"""The Map as people use it: by pointer, by finger, and with a loop around a group."""

import re
from typing import Any

import numpy as np
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.waiting import HAS_SCROLLED, SCROLLING, at_rest, layout_of, settled
from tests.support.app import ROOT
from tests.support.browser import ZERO, drag_finger, stroke
from ui.shared import ink, mnist_sample
from vae_model.engine.digit_engine import DigitEngine, one_hot

CORNER = [(0.01, 0.01), (0.04, 0.01), (0.04, 0.04), (0.01, 0.04), (0.01, 0.01)]
CHANGES = (
    ("UMAP", "chart._fullLayout.xaxis.showticklabels === false"),
    ("thickness", "chart.querySelector('.colorbar')"),
)
"""Of what is shown, and what is true of the chart once it is drawn anew."""
LOOP = [(0.45, 0.45), (0.55, 0.45), (0.55, 0.55), (0.45, 0.55), (0.45, 0.45)]


def open_map(open_app: Open, **window: Any) -> Page:
    page = open_app("/map", **window)
    page.locator(".js-plotly-plot .xtick").first.wait_for()
    at_rest(page)
    return page


def points_of_the_map(page: Page) -> list[list[float]]:
    """Row, x and y on the page, of every digit on the map."""
    return page.evaluate(  # type: ignore[no-any-return]
        """() => {
          const chart = document.querySelector(".st-key-map .js-plotly-plot");
          const { left, top } = chart.getBoundingClientRect();
          const { xaxis, yaxis } = chart._fullLayout;
          return chart._fullData.flatMap(({ x, y, customdata }) => [...x].map((_, i) => [
            customdata[i],
            left + xaxis._offset + xaxis.c2p(x[i]),
            top + yaxis._offset + yaxis.c2p(y[i]),
          ]));
        }"""
    )


def lit(page: Page) -> list[int]:
    """Rows of the digits that stand out on the map, by where they stand."""
    middles = page.evaluate(
        """() => [...document.querySelectorAll(".st-key-map .scatterlayer .point")]
          .filter((each) => getComputedStyle(each).opacity === "1")
          .map((each) => each.getBoundingClientRect())
          .map(({ left, right, top, bottom }) => [(left + right) / 2, (top + bottom) / 2])"""
    )
    points = np.array(points_of_the_map(page))
    away = [np.linalg.norm(points[:, 1:] - middle, axis=1) for middle in middles]
    assert all(each.min() < 1 for each in away)
    return [int(points[each.argmin(), 0]) for each in away]


def wait_for_chart(page: Page, drawn: str) -> None:
    """Until the map has been drawn anew, and that is true of it."""
    page.wait_for_function(
        f"() => {{ const chart = document.querySelector('.st-key-map .js-plotly-plot');"
        f" return chart?._fullLayout && {drawn}; }}"
    )
    at_rest(page)


INK = "canvas => [...canvas.getContext('2d').getImageData(0, 0, 84, 84).data]"


def test_the_card_shows_the_digit_pointed_at_and_a_click_opens_its_style(open_app: Open) -> None:
    page = open_map(open_app)
    card = page.locator(".card")
    # The outermost stand alone.
    row, x, y = min(points_of_the_map(page), key=lambda point: point[1])
    page.mouse.move(x, y)
    expect(card).to_be_visible()
    model = DigitEngine.load(ROOT / "checkpoints" / "studio")
    image, label = (each[int(row)] for each in mnist_sample.test_digits())
    reading = model.read(image)
    made = model.decode(reading.style_mean[None], one_hot([reading.digit]))[0]
    for canvas, expected in zip(card.locator("canvas").all(), (image, made), strict=True):
        opacity = np.reshape(canvas.evaluate(INK), (84, 84, 4))[..., 3] / 255
        shown = ink.opacity(expected, 3, "ink")
        assert np.abs(opacity - shown).mean() < 0.01
        assert opacity.mean() > 0.02
    said = card.locator("p").inner_text()
    assert said.startswith(str(label)) and said.endswith("nats")
    expect(card).to_have_css("pointer-events", "none")
    expect(card).to_have_attribute("aria-hidden", "true")
    page.mouse.down()
    # What plotly covers the page with while the mouse is pressed.
    expect(page.locator(".dragcover")).to_be_visible()
    page.mouse.move(x + 1, y)
    expect(card).to_be_visible()
    page.mouse.up()
    expect(page.locator(".st-key-map-picked .pair .digit")).to_have_count(2)
    told = page.locator(".st-key-map-picked .said")
    expect(told).to_contain_text("nats")
    digit = re.search(r"read as (\d)", told.inner_text())
    assert digit
    page.mouse.move(5, 5)
    expect(card).to_be_hidden()
    page.get_by_role("button", name="Open in Explore").click()
    expect(page.locator(".board .hero")).to_have_attribute(
        "aria-label", f"A handwritten {digit[1]}"
    )
    expect(page).to_have_url(re.compile(r"z\d+="))


def test_a_tap_shows_the_card_and_picks_the_digit_and_a_swipe_scrolls(open_app: Open) -> None:
    # Touch is an option of a whole context.
    page = open_map(open_app, width=900, height=844, has_touch=True, is_mobile=True)
    layout_of(page, 390)
    card = page.locator(".card")
    said = page.locator(".st-key-map-picked .said")
    # Plotly alone would pick the digit of the tap before.
    for end in (min, max):
        row, x, y = end(points_of_the_map(page), key=lambda point: point[1])
        page.touchscreen.tap(x, y)
        expect(card).to_be_visible()
        digit = mnist_sample.test_digits()[1][int(row)]
        assert card.locator("p").inner_text().startswith(str(digit))
        expect(said).to_contain_text(f"A digit {digit}, read as")
        nats = re.search(r"(\d+) nats", card.locator("p").inner_text())
        cost = re.search(r"costs ([\d.]+) nats", said.inner_text())
        assert nats and cost and round(float(cost[1])) == int(nats[1])
        at_rest(page)
        expect(card).to_be_visible()
    # Once more on the same point, which lets go of it, and once more.
    for count in (0, 1):
        page.touchscreen.tap(x, y)
        expect(card).to_be_visible()
        expect(said).to_have_count(count)
        at_rest(page)
    _, x, y = min(points_of_the_map(page), key=lambda point: point[1])
    # Above the page's top there is nothing to scroll to.
    drag_finger(page, [(x, y + 20 * n) for n in range(11)])
    expect(card).to_be_hidden()
    page.evaluate(SCROLLING)
    drag_finger(page, [(x, y - 20 * n) for n in range(11)])
    page.wait_for_function(HAS_SCROLLED)
    assert page.locator(".stMain").evaluate("main => main.scrollTop") > 100
    expect(card).to_be_hidden()
    at_rest(page)
    expect(said).to_contain_text(f"A digit {digit}, read as")
    # A loop may begin on a point.
    page.get_by_role("radio", name="a group").tap()
    wait_for_chart(page, "chart._fullLayout.dragmode === 'lasso'")
    page.locator(".stMain").evaluate("main => main.scrollTo(0, 0)")
    _, x, y = min(points_of_the_map(page), key=lambda point: point[1])
    around = ((0, 0), (20, -40), (80, -40), (80, 40), (20, 40), (0, 0))
    drag_finger(page, [(x + right, y + down) for right, down in around])
    expect(page.locator(".st-key-map-picked .priced .digit")).to_have_count(10)
    expect(card).to_be_hidden()


def test_a_digit_is_picked_by_keyboard_too_and_is_lit_wherever_it_stands(open_app: Open) -> None:
    page = open_map(open_app)
    number = page.get_by_label("Number of the digit")
    said = page.locator(".st-key-map-picked .said")
    number.focus()
    page.keyboard.type("1706")
    page.keyboard.press("Enter")
    expect(said).to_contain_text("A digit 3, read as")
    assert lit(page) == [1705]
    for change, drawn in CHANGES:
        page.get_by_role("radio", name=change).click()
        wait_for_chart(page, drawn)
        assert lit(page) == [1705]
    row, x, y = max(points_of_the_map(page), key=lambda point: point[1])
    page.mouse.click(x, y)
    expect(number).to_have_value(str(int(row) + 1))
    at_rest(page)
    assert lit(page) == [row]
    number.fill("")
    page.keyboard.press("Enter")
    expect(said).to_have_count(0)
    assert lit(page) == []


def test_ones_drawing_stands_out_by_its_colour_and_the_prior_over_points(open_app: Open) -> None:
    page = open_app("/draw", color_scheme="dark")
    stroke(page.get_by_label("Drawing pad"), ZERO)
    settled(page.locator(".desk"))
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Map").click()
    page.locator(".st-key-map .js-line").first.wait_for()
    at_rest(page)
    accent, text = page.get_by_test_id("stApp").evaluate(
        """app => ["var(--accent)", "inherit"].map((color) => {
          const sample = app.appendChild(document.createElement("i"));
          sample.style.color = color;
          return getComputedStyle(sample).color;
        })"""
    )
    for line in page.locator(".st-key-map .scatterlayer .js-line").all():
        expect(line).to_have_css("stroke", accent)
    mine = page.locator(".st-key-map .scatterlayer .trace").last.locator(".point")
    expect(mine).to_have_css("fill", accent)
    # Under the points the inner circle of the prior would not be seen.
    circles = page.locator(".st-key-map .layer-above .shapelayer path")
    expect(circles).to_have_count(2)
    for circle in circles.all():
        expect(circle).to_have_css("stroke", text)


def test_the_card_goes_on_after_a_change_and_a_loop_shows_a_mean_style(open_app: Open) -> None:
    page = open_map(open_app)
    card = page.locator(".card")
    for change, drawn in (*CHANGES, ("a group", "chart._fullLayout.dragmode === 'lasso'")):
        page.get_by_role("radio", name=change).click()
        wait_for_chart(page, drawn)
        _, x, y = max(points_of_the_map(page), key=lambda point: point[1])
        page.mouse.move(x, y)
        expect(card).to_be_visible()
        page.mouse.move(5, 5)
        expect(card).to_be_hidden()
    expect(page.locator(".st-key-map .shapelayer path")).to_have_count(0)
    stroke(page.locator(".js-plotly-plot .nsewdrag").first, LOOP)
    picked = page.locator(".st-key-map-picked")
    expect(picked.locator(".priced .digit")).to_have_count(10)
    counts = picked.locator(".priced figcaption").all_inner_texts()
    expect(picked.locator("strong")).to_have_text(f"{sum(map(int, counts))} digits")
    at_rest(page)
    group = lit(page)
    assert len(group) == sum(map(int, counts))
    page.get_by_role("radio", name="two style dims").click()
    wait_for_chart(page, "chart._fullLayout.xaxis.showticklabels !== false")
    assert sorted(lit(page)) == sorted(group)
    stroke(page.locator(".js-plotly-plot .nsewdrag").first, CORNER)
    expect(picked).to_contain_text("There is no digit in this loop")
    page.get_by_test_id("stSidebarNavLink").filter(has_text="X-ray").click()
    page.locator(".totals").wait_for()
    at_rest(page)
    expect(card).to_have_count(0)
