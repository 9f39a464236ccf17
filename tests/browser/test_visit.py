"""How the app is reached decides what it offers: in frames of other pages, and without https."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

SEVEN = "ui/draw/desk/starters.png"
COOKIE = "cookie that protects uploads"


@pytest.fixture
def context(browser: "Browser") -> Iterator["BrowserContext"]:
    """A visitor who was never here."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture(scope="module")
def outside(server: str) -> Iterator[int]:
    """Port of another server on this machine, whose pages hold the app's page of the same path."""

    class Holder(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            frame = f'<iframe src="{server}{self.path}" width="1200" height="800"></iframe>'
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(frame.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Holder) as holder:
        thread = Thread(target=holder.serve_forever)
        thread.start()
        yield holder.server_port
        holder.shutdown()
        thread.join()


@pytest.fixture
def framed(context: "BrowserContext", outside: int) -> Callable[[str, str], "Locator"]:
    """Opens a page of the app, which is on 127.0.0.1, in a frame of a page on a host."""

    def open_framed(host: str, path: str) -> "Locator":
        page = context.new_page()
        page.goto(f"http://{host}:{outside}{path}")
        return page.frame_locator("iframe").locator("body")

    return open_framed


def main_text(place: "Page | Locator", text: str) -> "Locator":
    return place.get_by_test_id("stMain").get_by_text(text, exact=True)


@pytest.mark.parametrize("way", ["Upload", "Camera"])
def test_in_a_foreign_frame_no_picture_is_tried(
    context: "BrowserContext", framed: Callable[[str, str], "Locator"], way: str
) -> None:
    app = framed("localhost", "/draw")
    main_text(app, way).click()
    expect(app.get_by_text(COOKIE)).to_be_visible()
    expect(app.get_by_test_id("stFileUploader")).to_have_count(0)
    expect(app.get_by_test_id("stCameraInput")).to_have_count(0)
    # In a tab of its own the same page takes files.
    with context.expect_page() as opened:
        app.get_by_role("link", name="Open this page in a tab").click()
    page = opened.value
    main_text(page, "Upload").click()
    takes_a_picture(page)


def test_in_a_foreign_frame_no_run_is_imported(framed: Callable[[str, str], "Locator"]) -> None:
    app = framed("localhost", "/train?view=Runs")
    expect(app.get_by_text(COOKIE)).to_be_visible()
    expect(app.get_by_test_id("stFileUploader")).to_have_count(0)


def test_in_a_frame_on_its_own_site_a_picture_is_read(
    framed: Callable[[str, str], "Locator"],
) -> None:
    app = framed("127.0.0.1", "/draw")
    main_text(app, "Upload").click()
    takes_a_picture(app)


def test_on_a_first_visit_a_picture_is_read(context: "BrowserContext", server: str) -> None:
    page = context.new_page()
    page.goto(f"{server}/draw")
    main_text(page, "Upload").click()
    takes_a_picture(page)
    main_text(page, "Camera").click()
    expect(page.get_by_test_id("stCameraInput")).to_be_visible()
    expect(page.get_by_text("https")).to_have_count(0)


def test_without_https_the_camera_is_not_tried(context: "BrowserContext", server: str) -> None:
    page = context.new_page()
    # The same server under a name that browsers do not trust.
    page.goto(f"{server.replace('127.0.0.1', '0.0.0.0')}/draw")
    assert not page.evaluate("window.isSecureContext")
    main_text(page, "Camera").click()
    expect(page.get_by_text("come by https alone")).to_be_visible()
    expect(page.get_by_test_id("stCameraInput")).to_have_count(0)
    main_text(page, "Upload").click()
    takes_a_picture(page)


def takes_a_picture(place: "Page | Locator") -> None:
    place.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(SEVEN)
    expect(place.locator(".headline b")).to_be_visible()
    expect(place.get_by_text(COOKIE)).to_have_count(0)
