"""How the app is reached decides what it offers: in frames of other pages, and without https; and
what goes over the wire."""

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Browser, Locator, Page, WebSocketRoute, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.conftest import Open
from tests.browser.waiting import at_rest, frames, settled
from tests.support.browser import ONE, box, stroke
from tests.support.waiting import until

SEVEN = "ui/draw/desk/starters.png"
COOKIE = "cookie that protects uploads"
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


def main_text(place: Page | Locator, text: str) -> Locator:
    return place.get_by_test_id("stMain").get_by_text(text, exact=True)


def takes_a_picture(place: Page | Locator) -> None:
    main_text(place, "Upload").click()
    place.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(SEVEN)
    expect(place.locator(".headline b")).to_be_visible()
    expect(place.get_by_text(COOKIE)).to_have_count(0)


def test_in_a_foreign_frame_digits_are_read_and_no_file_tried(window: Page, outside: int) -> None:
    window.goto(f"http://localhost:{outside}/draw")
    app = window.frame_locator("iframe").locator("body")
    app.locator('.desk[data-settled="true"]').wait_for()
    stroke(app.get_by_label("Drawing pad"), ONE)
    expect(app.locator(".headline b")).to_have_text("1")
    for way in ("Upload", "Camera"):
        main_text(app, way).click()
        expect(app.get_by_text(COOKIE)).to_be_visible()
        expect(app.get_by_test_id("stFileUploader")).to_have_count(0)
        expect(app.get_by_test_id("stCameraInput")).to_have_count(0)
    # In a tab of its own the same page takes files.
    with window.context.expect_page() as opened:
        app.get_by_role("link", name="Open this page in a tab").click()
    takes_a_picture(opened.value)
    window.goto(f"http://localhost:{outside}/train?view=Runs")
    expect(app.get_by_text(COOKIE)).to_be_visible()
    expect(app.get_by_test_id("stFileUploader")).to_have_count(0)


def test_in_a_foreign_frame_what_is_seen_opens_in_a_tab_of_its_own(
    window: Page, outside: int
) -> None:
    window.goto(f"http://localhost:{outside}/?z1=2&digit=5")
    app = window.frame_locator("iframe").locator("body")
    app.locator('.board[data-settled="true"]').wait_for()
    app.get_by_role("button", name="Copy link").click()
    with window.context.expect_page() as opened:
        app.get_by_role("link", name="Open this in a tab of its own").click()
    page = opened.value
    expect(page).to_have_url(re.compile("weights="))
    expect(page.get_by_role("radio", name="5", exact=True)).to_be_checked()
    assert "z1=2" in page.url


def test_in_a_frame_on_its_own_site_a_picture_is_read(window: Page, outside: int) -> None:
    window.goto(f"http://127.0.0.1:{outside}/draw")
    takes_a_picture(window.frame_locator("iframe").locator("body"))


def test_a_photograph_is_read_without_asking_anybody_else(open_app: Open) -> None:
    page = open_app("/draw", init_script=CAMERA)
    page.context.grant_permissions(["camera"])
    main_text(page, "Camera").click()
    page.wait_for_function("document.querySelector('video')?.currentTime > 0")
    page.get_by_test_id("stCameraInputButton").click()
    expect(page.locator(".headline b")).to_have_text("1")
    expect(page.get_by_text("https")).to_have_count(0)


def test_a_camera_not_yet_lent_takes_its_room_at_once(open_app: Open) -> None:
    page = open_app("/draw")
    main_text(page, "Camera").click()
    place = box(page.get_by_test_id("stCameraInputWebcamComponent"))
    assert place["height"] > place["width"] / 2, "what is below leaps when it does"


def test_without_https_the_camera_is_not_tried(window: Page, server: str) -> None:
    # The same server under a name that browsers do not trust.
    window.goto(f"{server.replace('127.0.0.1', '0.0.0.0')}/draw")
    assert not window.evaluate("window.isSecureContext")
    main_text(window, "Camera").click()
    expect(window.get_by_text("come by https alone")).to_be_visible()
    expect(window.get_by_test_id("stCameraInput")).to_have_count(0)
    takes_a_picture(window)


def test_what_is_asked_while_an_answer_is_on_its_way_is_shown(
    browser: Browser, server: str
) -> None:
    # Streamlit sends a mark for what the page is said to have kept. The answer before may have made
    # the page forget it meanwhile.
    wire: list[WebSocketRoute] = []
    held: list[bytes] | None = None

    def connected(browser_side: WebSocketRoute) -> None:
        wire[:] = [browser_side]

        def answered(message: bytes | str) -> None:
            if held is None or isinstance(message, str):
                browser_side.send(message)
            else:
                held.append(message)

        browser_side.connect_to_server().on_message(answered)

    def choose(model: str) -> None:
        page.get_by_role("combobox", name="Model", exact=True).click()
        page.get_by_role("option", name=model).click()

    def answers() -> int:
        told = [ForwardMsg.FromString(message) for message in held or ()]
        return sum(message.HasField("script_finished") for message in told)

    with browser.new_context() as context:
        page = context.new_page()
        page.route_web_socket(re.compile("_stcore/stream"), connected)
        page.goto(server)
        settled(page.locator(".board"))
        at_rest(page)
        dims = page.locator(".dims .dim").count()
        choose("article")
        expect(page.locator(".dims .dim")).not_to_have_count(dims)
        at_rest(page)
        held = []
        page.get_by_role("radio", name="8", exact=True).click()
        until(lambda: frames(page, 1) or answers() == 1)
        choose("studio")
        until(lambda: frames(page, 1) or answers() == 2)
        answered, held = held, None
        for message in answered:
            wire[0].send(message)
        expect(page.locator(".dims .dim")).to_have_count(dims)


@pytest.mark.parametrize(
    ("path", "weights"), [("/", {"decoder"}), ("/draw", {"decoder", "reader"})]
)
def test_what_a_page_needs_is_fetched_once_as_soon_as_it_is_opened(
    open_app: Open, path: str, weights: set[str]
) -> None:
    fetched = open_app(path).evaluate(
        """() => performance.getEntriesByType("resource")
          .map(({ name, initiatorType }) => [new URL(name).pathname, initiatorType])
          .filter(([path]) => /[/](assets|weights)[/]/.test(path))"""
    )
    files = [file.rpartition("/")[2].removesuffix(".safetensors") for file, _ in fetched]
    early = {file for file, (_, by) in zip(files, fetched, strict=True) if by == "link"}
    assert early == {"affine.wasm", *weights} and len(files) == len(set(files))
