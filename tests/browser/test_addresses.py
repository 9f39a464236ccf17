"""What a page shows is in its address, and goes along to another page, in whichever moment that is
asked for."""

import re
import signal
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import HOSTILE_NAMES, Open
from tests.browser.waiting import at_rest, frames, settled
from tests.support.app import serve_process
from tests.support.browser import ONE, stroke
from tests.support.waiting import until
from vae_model.runs import run


def test_what_is_set_or_drawn_on_the_way_to_another_page_is_known_there(browser: Browser) -> None:
    def leave_for(page: Page, name: str) -> None:
        """The server has no time for the page that is left."""
        page.get_by_test_id("stSidebarNavLink").filter(has_text=name).click()
        process.send_signal(signal.SIGCONT)
        page.get_by_role("heading", name=name, exact=True).wait_for()

    with serve_process() as (address, process), browser.new_context() as context:
        page = context.new_page()
        page.goto(address)
        settled(page.locator(".board"))
        at_rest(page)
        process.send_signal(signal.SIGSTOP)
        page.locator(".dims.awake input").first.press("End")
        settled(page.locator(".board"))
        leave_for(page, "Draw")
        settled(page.locator(".desk"))
        at_rest(page)
        process.send_signal(signal.SIGSTOP)
        stroke(page.get_by_label("Drawing pad"), ONE)
        settled(page.locator(".desk"))
        leave_for(page, "Inside")
        expect(page.get_by_role("combobox", name="Image")).to_have_value("your drawing")
        leave_for(page, "Explore")
        expect(page.locator(".dims.awake input").first).to_have_value("3")


def test_what_is_done_right_before_another_page_is_asked_for_is_there_again(
    open_app: Open,
) -> None:
    page = open_app()
    link = page.get_by_test_id("stSidebarNavLink").filter(has_text="Draw")
    written, first = page.get_by_label("Write", exact=True), page.locator(".dims.awake input").first
    dim = str(first.get_attribute("id")).removeprefix("dim-")

    def leave_and_return() -> str:
        """By a click of a quick hand, which is there already. The style that was left, in `first`,
        by the address."""
        page.mouse.down()
        # Streamlit sends by a timer without delay: one that is set after it fires after it.
        left = page.evaluate(
            "(dim) => new Promise((done) => setTimeout(done))"
            ".then(() => new URLSearchParams(location.search).get(`z${Number(dim) + 1}`))",
            dim,
        )
        page.mouse.up()
        page.get_by_role("heading", name="Draw", exact=True).wait_for()
        at_rest(page)
        page.get_by_role("link", name="Explore", exact=True).click()
        settled(page.locator(".board"))
        at_rest(page)
        return str(left)

    link.hover()
    written.press_sequentially("2026")
    leave_and_return()
    expect(written).to_have_value("2026")
    link.hover()
    first.press("ArrowRight")
    first.press("ArrowRight")
    leave_and_return()
    expect(first).to_have_value("0.2")
    page.get_by_role("button", name="Wander").press("Enter")
    link.hover()
    # Either way, and far enough not to be back by the time of the click.
    until(lambda: abs(float(first.input_value()) - 0.2) > 0.3)
    left = leave_and_return()
    assert left != "0.2"
    expect(first).to_have_value(left)


def test_the_address_of_one_of_two_equal_runs_opens_it_elsewhere_and_by_reload_and_back(
    open_app: Open, runs_folder: Path
) -> None:
    def shows_the_other(page: Page) -> None:
        settled(page.locator(".board"))
        at_rest(page)
        expect(page.get_by_role("combobox", name="Model", exact=True)).to_have_value(other)
        expect(page.get_by_text("could be followed")).to_have_count(0)

    # Another test may have trained more.
    equal = [each for each in run.list_runs(runs_folder).runs if each.name in HOSTILE_NAMES]
    runs = {f"{each.name}, your run": each for each in equal}
    page = open_app("/?" + urlencode({"model": list(runs)}, doseq=True))
    box = page.get_by_role("combobox", name="Model", exact=True)
    (other,) = runs.keys() - {box.input_value()}
    box.click()
    page.get_by_role("option", name=other).click()
    expect(page).to_have_url(re.compile(f"run_id={runs[other].id}"))
    page.locator(".dims.awake input").first.press("End")
    expect(page).to_have_url(re.compile(f"run_id={runs[other].id}.*z[0-9]+="))
    shows_the_other(open_app("/" + page.url.split("/", 3)[3], locale="en-GB"))
    page.reload()
    shows_the_other(page)
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Draw").click()
    settled(page.locator(".desk"))
    at_rest(page)
    page.go_back()
    shows_the_other(page)
    expect(page.locator(".dims.awake input").first).to_have_value("3")


@pytest.mark.parametrize("then", ["article", "Draw"])
def test_a_decoder_that_comes_late_leaves_the_address_to_what_is_shown_by_then(
    open_app: Open, then: str
) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        if not held or route.request.url == held[0].request.url:
            held.append(route)
        else:
            route.continue_()

    # A context of its own, which has no decoder yet.
    page = open_app("/models", locale="en-GB")
    page.route("**/weights/**/decoder.safetensors", hold)
    page.goto(page.url.replace("models", "?z1=2&digit=5"))
    until(lambda: frames(page, 1) or bool(held))
    page.locator(".board").wait_for(state="attached")
    if then == "Draw":
        page.get_by_test_id("stSidebarNavLink").filter(has_text=then).click()
        page.locator(".desk").wait_for(state="attached")
    else:
        page.get_by_role("combobox", name="Model", exact=True).click()
        page.get_by_role("option", name=then).click()
        expect(page.locator(".dims .dim")).to_have_count(10)
        settled(page.locator(".board"))
    expect(page).not_to_have_url(re.compile("z1="))
    # Draw cannot settle without the decoder that is held.
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")
    address = page.url
    for route in held:
        route.continue_()
    page.evaluate(
        """async () => {
          const mark = Object.keys(window).find((name) => name.startsWith("digits "));
          await Promise.all(window[mark]["shared/browser/loading.js"].loaded.values());
        }"""
    )
    frames(page, 2)
    assert page.url == address
