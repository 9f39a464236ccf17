"""A training from the first click to the last epoch, and back through its epochs."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.live_app import serve_process

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE_MS
from tests.browser.waiting import at_rest, settled

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def trainer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an app with an empty runs folder of its own."""
    folder = str(tmp_path_factory.mktemp("runs"))
    with serve_process(environment={"VAE_RUNS_DIR": folder}) as (address, _):
        yield address


@pytest.fixture
def page(browser: "Browser", trainer: str) -> Iterator["Page"]:
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(trainer)
    settled(page.locator(".board"))
    page.get_by_role("link", name="Train").click()
    yield page
    context.close()


def test_quick_trains_to_its_end_and_is_scrubbed_used_and_kept(
    page: "Page", tmp_path: Path
) -> None:
    page.get_by_role("button", name="Start training").wait_for()
    page.get_by_text("Training", exact=True).click()
    epochs = page.get_by_label("epochs", exact=True)
    epochs.fill("3")
    epochs.press("Enter")
    expect(page.get_by_text("1 changed from quick")).to_be_visible()
    page.get_by_role("button", name="Start training").click()
    # A reload joins the run that goes on.
    expect(page).to_have_url(re.compile("view=Watch"))
    page.reload()
    expect(page.get_by_text("Finished 3 of 3 epochs")).to_be_visible(timeout=4 * PATIENCE_MS)
    expect(page.get_by_text("epoch 3 of 3")).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(3)
    page.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("epoch 2 of 3")).to_be_visible()
    expect(page.get_by_text("Your drawing after epoch 2")).to_be_visible()
    page.get_by_test_id("stMain").get_by_text("Runs", exact=True).click()
    page.get_by_role("button", name="More").click()
    with page.expect_download() as exported:
        page.get_by_role("button", name="Export as .zip").click()
    exported.value.save_as(tmp_path / "run.zip")
    page.keyboard.press("Escape")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(tmp_path / "run.zip")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page).to_have_url(re.compile("view=Watch"))
    expect(page.get_by_text("Finished 3 of 3 epochs")).to_be_visible()
    page.get_by_test_id("stMain").get_by_text("Runs", exact=True).click()
    expect(page.get_by_role("button", name="Use in the app")).to_have_count(2)
    page.get_by_test_id("stMain").get_by_text("Watch", exact=True).click()
    expect(page.get_by_text("epoch 3 of 3")).to_be_visible()
    at_rest(page)  # without what the list still shows
    page.get_by_role("button", name="Use in the app").click()
    expect(page.get_by_text("The app now uses")).to_be_visible()
    expect(page.locator(".dim")).to_have_count(8)
    expect(page).to_have_url(re.compile("your"))
    page.reload()
    expect(page.locator(".dim")).to_have_count(8)
    expect(page.get_by_text("could be followed")).to_have_count(0)
