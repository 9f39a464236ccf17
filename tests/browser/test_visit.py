"""How the app is reached decides what it offers: in frames of other pages, and without https; and
what is done on one page is known on the others."""

import re
import signal
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, WebSocketRoute, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.conftest import Open
from tests.browser.waiting import at_rest, frames, settled
from tests.support.app import serve_process
from tests.support.browser import ONE, box, stroke
from tests.support.waiting import until
from vae_model.runs import run

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

    def leave_and_return() -> None:
        """By a click of a quick hand, which is there already."""
        page.mouse.down()
        # Streamlit sends by a timer without delay: one that is set after it fires after it.
        page.evaluate("() => new Promise((done) => setTimeout(done))")
        page.mouse.up()
        page.get_by_role("heading", name="Draw", exact=True).wait_for()
        at_rest(page)
        page.get_by_role("link", name="Explore", exact=True).click()
        settled(page.locator(".board"))
        at_rest(page)

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
    expect(first).to_have_value(re.compile(r"0\.[4-9]|[1-3]|-"))  # it may swing
    link.hover()
    leave_and_return()
    expect(first).not_to_have_value("0.2")


def test_what_is_typed_is_in_the_address_while_the_caret_is_still_there(open_app: Open) -> None:
    page = open_app()
    page.get_by_label("Write", exact=True).press_sequentially("2026")
    expect(page).to_have_url(re.compile("text=2026"))
    page.reload()
    expect(page.get_by_label("Write", exact=True)).to_have_value("2026")


def test_a_copied_link_of_a_run_opens_it_and_so_do_reload_and_back(
    open_app: Open, runs_folder: Path
) -> None:
    newest, *_ = run.list_runs(runs_folder).runs
    chosen = f"{newest.name}, your run"

    def shows_the_run(page: Page) -> None:
        settled(page.locator(".board"))
        at_rest(page)
        expect(page.get_by_role("combobox", name="Model", exact=True)).to_have_value(chosen)
        expect(page.get_by_text("could be followed")).to_have_count(0)

    page = open_app("/?" + urlencode({"model": chosen, "z1": 1}))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Link copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    page = open_app("/" + link.split("/", 3)[3], locale="en-GB")
    shows_the_run(page)
    page.reload()
    shows_the_run(page)
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Draw").click()
    settled(page.locator(".desk"))
    at_rest(page)
    page.go_back()
    shows_the_run(page)
    expect(page.locator(".dims.awake input").first).to_have_value("1")


def test_of_two_runs_of_equal_weights_the_address_names_the_one_that_is_chosen(
    open_app: Open, runs_folder: Path
) -> None:
    runs = {f"{each.name}, your run": each for each in run.list_runs(runs_folder).runs}
    page = open_app("/?" + urlencode({"model": list(runs)}, doseq=True))
    settled(page.locator(".board"))
    at_rest(page)
    box = page.get_by_role("combobox", name="Model", exact=True)
    (other,) = runs.keys() - {box.input_value()}
    box.click()
    page.get_by_role("option", name=other).click()
    expect(page).to_have_url(re.compile(f"run_id={runs[other].id}"))
    page.locator(".dims.awake input").first.press("End")
    expect(page).to_have_url(re.compile(f"run_id={runs[other].id}.*z[0-9]+="))
    page.reload()
    settled(page.locator(".board"))
    expect(box).to_have_value(other)


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
