"""A training from the first click to the last epoch, and back through its epochs."""

import re
from pathlib import Path

from playwright.sync_api import FilePayload, Locator, expect

from tests.browser.conftest import PATIENCE_MS, Open
from tests.browser.waiting import at_rest
from tests.support.browser import saved
from vae_model.runs import run

EPOCHS = 3


def test_quick_pauses_goes_on_stops_trains_and_is_scrubbed_kept_and_used(open_app: Open) -> None:
    page = open_app("/train")
    main = page.get_by_test_id("stMain")

    def comes(text: str) -> Locator:
        """A training gives way to whatever else the machine does."""
        expect(place := main.get_by_text(text).first).to_be_visible(timeout=4 * PATIENCE_MS)
        return place

    def press(name: str, key: str = "Enter") -> None:
        main.get_by_role("button", name=name, exact=True).press(key)

    def start(epochs: int) -> None:
        page.locator("summary").filter(has_text="Training").press("Enter")
        at_rest(page)
        page.get_by_label("epochs", exact=True).fill(str(epochs))
        # At once, as who types and clicks does.
        main.get_by_role("button", name="Start training").click()
        expect(page).to_have_url(re.compile("view=Watch"))

    # Long enough that it is not over before a hand gets there.
    start(200)
    press("Pause")
    comes("Paused")
    press("Go on", "Space")
    expect(main.get_by_role("button", name="Pause")).to_be_visible()
    press("Stop")
    comes("Stopped")
    main.get_by_text("Set up", exact=True).click()
    start(EPOCHS)
    page.reload()
    comes(f"Finished {EPOCHS} of {EPOCHS} epochs")
    expect(page.get_by_text(f"epoch {EPOCHS}", exact=True)).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(3)
    page.get_by_role("slider", name="Epoch").press("ArrowLeft")
    expect(page.get_by_text(f"epoch {EPOCHS - 1}", exact=True)).to_be_visible()

    main.get_by_text("Runs", exact=True).click()
    page.get_by_role("button", name="More").first.click()
    _, content = saved(page.get_by_role("button", name="Export as .zip"))
    page.keyboard.press("Escape")
    exported: FilePayload = {"name": "run.zip", "mimeType": "application/zip", "buffer": content}
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(exported)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page).to_have_url(re.compile("view=Watch"))
    comes(f"Finished {EPOCHS} of {EPOCHS} epochs")
    expect(page.get_by_text(f"epoch {EPOCHS}", exact=True)).to_be_visible()
    at_rest(page)  # without what the list still shows
    press("Use in the app")
    expect(page.get_by_text("The app now uses")).to_be_visible()
    expect(page.locator(".dim")).to_have_count(8)
    expect(page).to_have_url(re.compile("your"))
    page.reload()
    expect(page.locator(".dim")).to_have_count(8)
    expect(page.get_by_text("could be followed")).to_have_count(0)


def test_the_address_names_the_run_that_is_watched_for_another_visitor_too(
    open_app: Open, runs_folder: Path
) -> None:
    *_, oldest = (each.id for each in run.list_runs(runs_folder).runs)
    page = open_app("/train?view=Runs")
    page.locator(f".st-key-run-{oldest}").get_by_role("button", name="Open").click()
    expect(page).to_have_url(re.compile(f"run={oldest}"))
    other = open_app(f"/train{page.url.partition('/train')[2]}")
    for each in (page, other):
        each.reload()
        expect(each.locator(f".st-key-use-{oldest}")).to_be_visible()
        expect(each.get_by_text("could be followed")).to_have_count(0)


def test_back_goes_to_the_page_before_whichever_runs_were_watched(
    open_app: Open, runs_folder: Path
) -> None:
    page = open_app()
    at_rest(page)
    main, links = page.get_by_test_id("stMain"), page.get_by_test_id("stSidebarNavLink")
    links.filter(has_text="Train").click()
    main.get_by_text("Watch", exact=True).click()
    main.get_by_role("combobox", name="Run", exact=True).wait_for()
    for place, each in enumerate(run.list_runs(runs_folder).runs):
        main.get_by_role("combobox").first.click()
        page.get_by_role("option").nth(place).click()
        expect(page).to_have_url(re.compile(f"run={each.id}"))
        at_rest(page)
    main.get_by_text("Runs", exact=True).click()
    expect(page).not_to_have_url(re.compile("run="))
    at_rest(page)
    page.go_back()
    page.get_by_role("heading", name="Explore", exact=True).wait_for()


def test_what_is_wrong_far_down_in_the_form_is_said_in_sight(open_app: Open) -> None:
    page = open_app("/train", width=390, height=844)
    for group in ("Networks", "Penalties"):
        page.locator("summary").filter(has_text=group).press("Enter")
    at_rest(page)  # a group that still opens pushes the field away
    field = page.get_by_label("recognition weight", exact=True)
    field.click()
    field.fill("much")
    field.press("Enter")
    refused = page.get_by_text("Recognition weight: a number, as 0.003, not “much”.")
    expect(refused).to_be_in_viewport(ratio=1)
    expect(field).to_be_in_viewport(ratio=1)


def test_a_name_of_one_long_word_stays_within_the_page(open_app: Open, runs_folder: Path) -> None:
    newest, *_ = run.list_runs(runs_folder).runs
    run.rename(runs_folder, newest.id, "m" * run.MAX_NAME)
    try:
        page = open_app("/train?view=Runs", width=390, height=844)
        for view in ("Runs", "Compare"):
            page.get_by_test_id("stMain").get_by_text(view, exact=True).click()
            expect(page.locator(".run-digits").first).to_be_visible()
            at_rest(page)
            names = page.locator(".stHtml :is(div, p, th)", has_text="m" * run.MAX_NAME).all()
            over = [each.evaluate("each => each.scrollWidth - each.clientWidth") for each in names]
            assert names and set(over) == {0}, view
    finally:
        run.rename(runs_folder, newest.id, newest.name)
