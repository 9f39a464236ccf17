"""What a host relies on: the image, the compose file, the log, and a server that asks nobody."""

import asyncio
import io
import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from starlette.formparsers import MultiPartParser
from streamlit import config, net_util
from streamlit import logger as streamlit_logger
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime, RuntimeConfig, SessionClient, forward_msg_queue, metrics_util
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager
from streamlit.web.server.server_util import is_url_from_allowed_origins

from tests.support import waiting
from tests.support.app import serve_process
from tests.support.visitor import Visitor
from ui.server import logs, streamlit_patches
from ui.shared import shelf

ROOT = Path(__file__).parents[3]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = (ROOT / "compose.yaml").read_text()
CADDYFILE = (ROOT / "Caddyfile").read_text()
HOSTING = (ROOT / "docs" / "hosting.md").read_text()
STAGES = re.split(r"^(?=FROM )", DOCKERFILE, flags=re.MULTILINE)[1:]


def instructions(name: str, text: str = DOCKERFILE) -> list[str]:
    """What follows each instruction of this name, continued lines joined."""
    joined = re.sub(r"\\\n\s*", "", text)
    return re.findall(rf"^(?:HEALTHCHECK.*?\s)?{name} (.*)$", joined, re.MULTILINE)


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    beside_python = Path(sys.executable).parent / "hadolint"
    program = str(beside_python) if beside_python.exists() else shutil.which("hadolint")
    if program is None:
        pytest.skip("hadolint is not installed")
    command = [program, "--failure-threshold", "warning", str(ROOT / "Dockerfile")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_all_that_the_image_takes_is_let_through_to_the_build() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    let_through = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert ignored[0] == "*"
    copied = {
        name
        for words in instructions("COPY")
        if "--from" not in words
        for name in words.split()[:-1]
    }
    assert copied == let_through
    for name in copied:
        assert (ROOT / name).exists(), name


def test_all_that_the_app_imports_is_in_the_image() -> None:
    copied = {words.split()[0] for words in instructions("COPY")}
    sources = [ROOT / "app.py", *(ROOT / "ui").rglob("*.py"), *(ROOT / "vae_model").glob("*.py")]
    own = {
        path.name.removesuffix(".py") for path in ROOT.iterdir() if not path.name.startswith(".")
    }
    for path in sources:
        found = re.findall(r"^\s*(?:from|import) (\w+)", path.read_text(), re.MULTILINE)
        for name in set(found) & own:
            assert name in copied or f"{name}.py" in copied, f"{path} imports {name}"


def test_the_image_serves_without_root_and_without_a_shell() -> None:
    assert instructions("USER") == ["10001:10001"]
    assert json.loads(instructions("CMD")[-1])[:4] == ["python", "-m", "streamlit", "run"]


def test_the_image_that_is_built_unless_another_is_named_has_pytorch_and_the_small_one_not() -> (
    None
):
    named = {stage.split()[3]: stage for stage in STAGES if " AS " in stage.partition("\n")[0]}
    last = STAGES[-1]
    assert " AS " not in last.partition("\n")[0]
    assert "-r /requirements.txt" in named["packages"]
    assert "-r /requirements-serve.txt" in named["serve-packages"]
    assert "requirements.txt" not in named["serve-packages"]
    # They differ in nothing else: what follows the words of FROM is alike.
    alike = last.replace("--from=packages", "--from=serve-packages").split()[2:]
    assert named["serve"].split()[: 4 + len(alike)][4:] == alike


def test_torch_comes_from_the_index_that_the_build_names() -> None:
    argument = re.search(r"^ARG TORCH_INDEX_URL=(\S+)$", DOCKERFILE, re.MULTILINE)
    assert argument and argument[1] == "https://download.pytorch.org/whl/cpu"
    pattern = re.search(r"grep -E '(\S+)'", DOCKERFILE)
    assert pattern
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    taken = [line.partition("==")[0] for line in lines if re.match(pattern[1], line)]
    assert taken == ["torch", "torchvision"]


@pytest.mark.parametrize("base_path", ["", "digits", "/a/b/"])
def test_the_health_check_asks_the_port_and_path_that_are_set(
    base_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(urllib.request, "urlopen", lambda url, timeout: asked.append(url))
    monkeypatch.setenv("STREAMLIT_SERVER_PORT", "8600")
    monkeypatch.setenv("STREAMLIT_SERVER_BASE_URL_PATH", base_path)
    interpreter, flag, code = json.loads(instructions("CMD")[0])
    assert (interpreter, flag) == ("python", "-c")
    exec(code, {})
    path = f"{base_path.strip('/')}/" if base_path else ""
    assert asked == [f"http://127.0.0.1:8600/{path}_stcore/health"]


def test_the_proxy_knows_every_replica_and_keeps_visitors_on_theirs() -> None:
    replicas = set(re.findall(r"^  (app-\d+): \*app$", COMPOSE, re.MULTILINE))
    assert len(replicas) >= 2
    port = instructions("EXPOSE")[0]
    upstream = re.search(r"reverse_proxy (.*) {", CADDYFILE)
    assert upstream and set(upstream[1].split()) == {f"{name}:{port}" for name in replicas}
    assert "lb_policy cookie" in CADDYFILE
    assert "/_stcore/health" in CADDYFILE


def test_trainings_survive_a_container_and_are_all_it_can_write() -> None:
    runs, data = (re.search(rf"VAE_{name}_DIR=(\S+)", DOCKERFILE) for name in ("RUNS", "DATA"))
    assert runs and data
    assert f'volumes: ["runs:{runs[1]}", "data:{data[1]}"]' in COMPOSE
    assert f"RUN install -d -o 10001 -g 10001 {runs[1]} {data[1]}\n" in DOCKERFILE
    assert "read_only: true" in COMPOSE and "tmpfs: /tmp" in COMPOSE


def test_every_setting_of_the_app_is_in_the_table_for_hosts() -> None:
    sources = [*(ROOT / "ui").rglob("*.py"), *(ROOT / "vae_model").rglob("*.py")]
    text = "\n".join(path.read_text() for path in sources)
    named = set(re.findall(r'"(VAE_[A-Z_]+)"', text))
    assert shelf.FOLDER_VARIABLE in named
    assert named == set(re.findall(r"`(VAE_[A-Z_]+)", HOSTING))


def test_streamlit_knows_every_option_in_the_table_for_hosts() -> None:
    named = set(re.findall(r"`STREAMLIT_([A-Z_]+)", HOSTING))
    known = {
        re.sub(r"([a-z])([A-Z])", r"\1_\2", key).replace(".", "_").upper()
        for key in config._config_options_template
    }
    assert named and named <= known


# The log.


@pytest.fixture
def log_lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What the configured log writes, parsed; everything as it was afterwards."""
    root, setup = logging.getLogger(), streamlit_logger.setup_formatter
    level, handlers = root.level, root.handlers
    kept = {
        name: (logger.handlers, logger.propagate, logger.level)
        for name, logger in root.manager.loggerDict.items()
        if isinstance(logger, logging.Logger)
    }
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    logs.configure()
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.captureWarnings(False)
    streamlit_logger.setup_formatter = setup
    root.handlers, root.level = handlers, level
    for name, (its_handlers, propagate, its_level) in kept.items():
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = its_handlers, propagate
        logger.setLevel(its_level)


def test_an_error_is_one_line_that_says_where_and_not_what_the_visitor_wrote(
    log_lines: Any,
) -> None:
    try:
        int("Anna, born 1984")
    except ValueError:
        streamlit_logger.get_logger("streamlit.error_util").exception("Uncaught app execution")
    (line,) = log_lines()
    assert (line["level"], line["error"]) == ("error", "ValueError")
    assert line["at"][-1].startswith("tests/ui/server/test_streamlit_patches.py:")
    assert "Anna" not in json.dumps(line) and str(ROOT) not in json.dumps(line)


def test_what_the_system_says_of_an_error_is_kept(log_lines: Any) -> None:
    try:
        Path("/nowhere/at/all").read_bytes()
    except OSError:
        logs.log.exception("not written")
    assert log_lines()[0]["error"] == "FileNotFoundError: No such file or directory"


def test_loggers_made_later_write_the_same_lines(log_lines: Any) -> None:
    streamlit_logger.get_logger("streamlit.made_later").warning("two\nlines")
    logging.getLogger("another.library").warning("heard")
    assert [line["message"] for line in log_lines()] == ["two\nlines", "heard"]


def test_addresses_that_web_servers_tell_are_not_logged(log_lines: Any) -> None:
    logging.getLogger("uvicorn.error").info('%s - "WebSocket %s" [accepted]', "192.0.2.7", "/")
    logs.log.info("ready", extra={"facts": {"models": ["studio"]}})
    (line,) = log_lines()
    assert (line["message"], line["models"]) == ("ready", ["studio"])


# The server.


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The libraries as the server sets them; as before afterwards."""
    monkeypatch.setattr(net_util, "get_external_ip", net_util.get_external_ip)
    monkeypatch.setattr(MultiPartParser, "spool_max_size", MultiPartParser.spool_max_size)
    monkeypatch.setattr(config, "get_options_for_section", config.get_options_for_section)
    monkeypatch.setattr(forward_msg_queue, "_is_toast_delta", forward_msg_queue._is_toast_delta)
    monkeypatch.setattr(metrics_util, "_get_machine_id_v3", metrics_util._get_machine_id_v3)
    monkeypatch.setattr(AppSession, "request_rerun", AppSession.request_rerun)
    monkeypatch.setattr(AppSession, "_enqueue_forward_msg", AppSession._enqueue_forward_msg)
    monkeypatch.setattr(AppSession, "_create_scriptrunner", AppSession._create_scriptrunner)
    disconnect = WebsocketSessionManager.disconnect_session
    monkeypatch.setattr(WebsocketSessionManager, "disconnect_session", disconnect)
    streamlit_patches.prepare()


@pytest.mark.usefixtures("prepared")
def test_a_foreign_page_is_turned_away_without_asking_a_third_party(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("asked a web service")

    monkeypatch.setattr(requests, "get", refuse)
    monkeypatch.setattr(net_util, "_external_ip", None)
    assert not is_url_from_allowed_origins("https://elsewhere.example")


@pytest.mark.usefixtures("prepared")
def test_an_upload_of_the_largest_size_touches_no_disk() -> None:
    assert MultiPartParser.spool_max_size > config.get_option("server.maxUploadSize") * 2**20


@pytest.mark.usefixtures("prepared")
def test_a_page_that_begins_leaves_an_upload_its_answer() -> None:
    queue = forward_msg_queue.ForwardMsgQueue()
    answer, old = ForwardMsg(), ForwardMsg()
    answer.file_urls_response.response_id = "upload"
    old.delta.new_element.text.body = "of the page before"
    old.metadata.delta_path.extend([0, 0])
    queue.enqueue(answer)
    queue.enqueue(old)
    queue.clear(retain_lifecycle_msgs=True)
    assert queue.flush() == [answer]


@pytest.mark.usefixtures("prepared")
def test_servers_of_other_machines_are_of_one_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = set()
    for machine in ("a", "b"):
        (tmp_path / "machine-id").write_text(machine)
        monkeypatch.setattr(metrics_util, "_ETC_MACHINE_ID_PATH", str(tmp_path / "machine-id"))
        ids.add(metrics_util.Installation().installation_id)
    assert len(ids) == 1


@pytest.mark.parametrize("greets", [False, True])
def test_a_page_that_outlived_its_server_is_heard_by_the_next_one(
    greets: bool, tmp_path: Path
) -> None:
    line = {"points": [500, 150, 500, 850], "width": 72, "erases": False}
    drawing = {"strokes": [line], "example": None, "penDown": False, "turn": 7}

    async def draw_on(address: str) -> list[str]:
        async with Visitor(address) as before, Visitor(address) as after:
            await before.open("draw")
            # The new session has not yet run the page that the pad's fragment belongs to.
            after.take_over(before)
            if greets:
                await after.greet()
            answered = lambda: after.components["draw_pad_answered"].data["turn"] == 7  # noqa: E731
            async with asyncio.timeout(15):
                await after.say("draw_pad", {"drawing": drawing}, until=answered)
            return after.html

    with serve_process(log=tmp_path / "log") as (address, _):
        assert any('class="headline' in body for body in asyncio.run(draw_on(address)))


def test_a_fragment_that_asks_by_itself_does_not_begin_the_page_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Session:
        def has_fragment(self, fragment_id: str) -> bool:
            return fragment_id == "known"

    asked: list[str] = []
    monkeypatch.setattr(
        AppSession, "request_rerun", lambda _, client_state: asked.append(client_state.fragment_id)
    )
    streamlit_patches._answer_with_whole_pages()
    session = Session()
    for fragment, by_itself in [("gone", True), ("gone", True), ("gone", False), ("known", False)]:
        state = ClientState(fragment_id=fragment, is_auto_rerun=by_itself)
        AppSession.request_rerun(session, state)  # type: ignore[arg-type]
    assert asked == ["", "gone", "", "known"]


class Page(SessionClient):
    """A browser's page that only listens."""

    def __init__(self) -> None:
        self.heard: list[ForwardMsg] = []

    def write_forward_msg(self, msg: ForwardMsg) -> None:
        self.heard.append(msg)

    def kinds(self) -> list[str | None]:
        return [message.WhichOneof("type") for message in self.heard]


@pytest.fixture
def run_in_server(
    prepared: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, Callable[[Runtime], Awaitable[None]]], None]:
    """Serves a script, and calls back with the server."""
    monkeypatch.setattr(Runtime, "_instance", None)

    def run(script: str, visit: Callable[[Runtime], Awaitable[None]]) -> None:
        path = tmp_path / "page.py"
        path.write_text(script)

        async def serve() -> None:
            storage, uploads = MemoryMediaFileStorage("/media"), MemoryUploadedFileManager("/up")
            runtime = Runtime(RuntimeConfig(str(path), storage, uploads))
            await runtime.start()
            await visit(runtime)
            runtime.stop()
            await runtime.stopped

        asyncio.run(asyncio.wait_for(serve(), waiting.PATIENCE_S))

    return run


async def until(true: Callable[[], bool]) -> None:
    while not true():
        await asyncio.sleep(0.01)


def is_running() -> bool:
    return any("ScriptRunner" in thread.name for thread in threading.enumerate())


def asking(fragment: str = "", page: str = "") -> BackMsg:
    message = BackMsg()
    message.rerun_script.fragment_id = fragment
    message.rerun_script.page_script_hash = page
    return message


def test_a_page_cut_off_in_a_run_does_not_take_what_it_had_not_heard_of_for_gone(
    run_in_server: Any, tmp_path: Path
) -> None:
    begun, may_end = tmp_path / "begun", tmp_path / "may end"

    async def come_back(runtime: Runtime) -> None:
        session = runtime.connect_session(Page(), {})
        runtime.handle_backmsg(session, asking())
        await until(begun.exists)
        runtime.disconnect_session(session)
        may_end.touch()
        await until(lambda: not is_running())
        page = Page()
        runtime.connect_session(page, {}, existing_session_id=session)
        runtime.handle_backmsg(session, asking())
        await until(lambda: "script_finished" in page.kinds())
        assert page.kinds().index("new_session") < page.kinds().index("script_finished")

    run_in_server(
        f"""
import time
from pathlib import Path
import streamlit as st

st.text("above")
Path({str(begun)!r}).touch()
while not Path({str(may_end)!r}).exists():
    time.sleep(0.01)
st.text("below")
""",
        come_back,
    )


def test_a_fragment_asked_for_at_the_end_of_a_run_does_not_cut_off_what_that_said_last(
    run_in_server: Any, tmp_path: Path
) -> None:
    async def ask_at_the_end(runtime: Runtime) -> None:
        page = Page()

        def below() -> list[str]:
            bodies = [message.delta.new_element.text.body for message in page.heard]
            return [body for body in bodies if body.startswith("below")]

        session = runtime.connect_session(page, {})
        runtime.handle_backmsg(session, asking())
        await until(lambda: "script_finished" in page.kinds())
        fragment = page.heard[[m.delta.new_element.text.body for m in page.heard].index("above")]
        runtime.handle_backmsg(session, asking())
        # The run comes to its end while the server has no time to pass on what it says.
        waiting.until((tmp_path / "2").exists)
        waiting.until(lambda: not is_running())
        runtime.handle_backmsg(session, asking(fragment.delta.fragment_id))
        await until(lambda: page.kinds().count("script_finished") > 1 and not is_running())
        assert "below, again" in below()

    run_in_server(
        f"""
from pathlib import Path
import streamlit as st

st.session_state.runs = st.session_state.get("runs", 0) + 1
(Path({str(tmp_path)!r}) / str(st.session_state.runs)).touch()

@st.fragment
def above():
    st.text("above")

@st.fragment
def below():
    st.text("below" if st.session_state.runs == 1 else "below, again")

above()
below()
""",
        ask_at_the_end,
    )


TWO_PAGES = """
import streamlit as st

@st.fragment
def below(name):
    st.text(f"below {name}")

def one():
    below("one")
    if st.session_state.pop("moved on", False):
        st.switch_page(pages[1])

def two():
    below("two")

pages = [st.Page(one), st.Page(two)]
st.navigation(pages).run()
"""


class Browser(Page):
    """A page that knows where it is, as a browser's does."""

    @property
    def page(self) -> str:
        """The page that it shows."""
        begun = [message for message in self.heard if message.WhichOneof("type") == "new_session"]
        return begun[-1].new_session.page_script_hash

    @property
    def pages(self) -> list[str]:
        """Of the app, in order."""
        said = [message for message in self.heard if message.WhichOneof("type") == "navigation"]
        return [page.page_script_hash for page in said[-1].navigation.app_pages]

    def fragment(self, text: str) -> str:
        """The fragment that said this last."""
        return self.saying(text)[-1].fragment_id

    def saying(self, text: str) -> list[Delta]:
        """What was said, and where."""
        return [m.delta for m in self.heard if m.delta.new_element.text.body == text]

    def finished(self) -> int:
        """Runs that came to their end."""
        return self.kinds().count("script_finished")


@pytest.mark.parametrize("late", [False, True], ids=["while the next begins", "after that"])
def test_a_page_that_was_left_asks_in_vain(run_in_server: Any, late: bool) -> None:
    async def leave(runtime: Runtime) -> None:
        browser = Browser()
        session = runtime.connect_session(browser, {})
        runtime.handle_backmsg(session, asking())
        await until(lambda: browser.finished() == 1)
        one, two = browser.pages
        runtime.handle_backmsg(session, asking(page=two))
        if late:
            await until(lambda: browser.finished() == 2 and not is_running())
        runtime.handle_backmsg(session, asking(browser.fragment("below one"), one))
        await until(lambda: browser.finished() == 2 and not is_running())
        # What would come after it has come once this has been answered.
        runtime.handle_backmsg(session, asking(browser.fragment("below two"), two))
        await until(lambda: browser.finished() == 3 and not is_running())
        assert browser.page == two
        assert browser.kinds().count("new_session") == 3

    run_in_server(TWO_PAGES, leave)


def test_a_page_that_the_app_went_to_by_itself_is_heard(run_in_server: Any) -> None:
    async def follow(runtime: Runtime) -> None:
        browser = Browser()
        session = runtime.connect_session(browser, {})
        runtime.handle_backmsg(session, asking())
        await until(lambda: browser.finished() == 1 and not is_running())
        one, two = browser.pages
        state = runtime._session_mgr.get_active_session_info(session).session.session_state
        state["moved on"] = True
        runtime.handle_backmsg(session, asking(page=one))
        await until(lambda: len(browser.saying("below two")) == 1 and not is_running())
        runtime.handle_backmsg(session, asking(browser.fragment("below two"), two))
        await until(lambda: len(browser.saying("below two")) == 2)

    run_in_server(TWO_PAGES, follow)


def test_the_server_starts_quietly_and_stops_when_asked(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with serve_process(log=log) as (_, server):
        os.kill(server.pid, signal.SIGTERM)
        # Outside a container the server ends by the signal itself, once all is closed.
        assert server.wait(timeout=waiting.PATIENCE_S) in (0, -signal.SIGTERM)
    messages = [json.loads(line)["message"] for line in log.read_text().splitlines()]
    assert messages == ["ready", "stopped"]
