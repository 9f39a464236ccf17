"""What the address and the cookies of a visit say of it."""

import pytest
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from ui.shared import access

HERE = (
    "http://localhost:8501/",
    "http://127.0.0.1:8501/train",
    "http://[::1]:8501",
    "http://LOCALHOST",
)
HOSTED = (
    "http://192.168.1.5:8501/",
    "https://digits.example.org/digits/",
    "http://localhost.example.org/",
    "http://localhost@example.org/",
)
NO_ADDRESS = (None, "", "nonsense", "http://[half", "javascript:alert(1)")


def at(monkeypatch: pytest.MonkeyPatch, url: str | None) -> None:
    monkeypatch.setattr(ContextProxy, "url", url)


@pytest.mark.parametrize("url", HERE)
def test_who_runs_the_app_is_told_commands(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    at(monkeypatch, url)
    assert access.for_the_host("`make train`") == "`make train`"


@pytest.mark.parametrize("url", [*HOSTED, *NO_ADDRESS])
def test_visitors_are_told_none(monkeypatch: pytest.MonkeyPatch, url: str | None) -> None:
    at(monkeypatch, url)
    assert access.for_the_host("`make train`") == ""


@pytest.mark.parametrize("url", [*HERE, HOSTED[1], *NO_ADDRESS])
def test_a_camera_is_asked_for(monkeypatch: pytest.MonkeyPatch, url: str | None) -> None:
    at(monkeypatch, url)
    assert access.lends_camera()


@pytest.mark.parametrize("url", ["http://192.168.1.5:8501/", "http://digits.example.org"])
def test_a_page_without_https_gets_no_camera(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    at(monkeypatch, url)
    assert not access.lends_camera()


def test_uploads_need_their_cookie(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ContextProxy, "cookies", {"_streamlit_xsrf": "2|a|b|1"})
    assert access.can_upload()
    monkeypatch.setattr(ContextProxy, "cookies", {"another": "1"})
    assert not access.can_upload()
    monkeypatch.setattr(access, "is_xsrf_enabled", lambda: False)
    assert access.can_upload()


@pytest.mark.parametrize(
    ("url", "offered"),
    [("https://digits.example.org/draw?model=x", True), (None, False), ("javascript:x", False)],
)
def test_where_files_cannot_be_given_the_page_itself_is_offered(
    url: str | None, offered: bool
) -> None:
    app = AppTest.from_string("from ui.shared import access\naccess.say_where_to_upload()")
    app.context = {"url": url}
    app.run()
    assert not app.exception
    assert "cookie" in app.info[0].value
    links = [each.proto.url for each in app.get("link_button")]
    assert links == ([url] if offered else [])
