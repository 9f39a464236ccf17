"""What the address and the cookies of a visit say of it."""

import pytest
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from ui.shared import access


@pytest.mark.parametrize(
    ("url", "here", "camera"),
    [
        ("http://localhost:8501/", True, True),
        ("http://127.0.0.1:8501/train", True, True),
        ("http://[::1]:8501", True, True),
        ("http://LOCALHOST", True, True),
        ("http://192.168.1.5:8501/", False, False),
        ("http://digits.example.org", False, False),
        ("https://digits.example.org/digits/", False, True),
        ("http://localhost.example.org/", False, False),
        ("http://localhost@example.org/", False, False),
        *((url, False, True) for url in (None, "", "nonsense", "http://[half", "javascript:x")),
    ],
)
def test_commands_are_for_who_runs_the_app_and_cameras_for_https(
    monkeypatch: pytest.MonkeyPatch, url: str | None, here: bool, camera: bool
) -> None:
    monkeypatch.setattr(ContextProxy, "url", url)
    assert access.for_the_host("`make train`") == ("`make train`" if here else "")
    assert access.lends_camera() == camera


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
def test_where_no_files_can_be_given_the_page_is_offered(url: str | None, offered: bool) -> None:
    app = AppTest.from_string("from ui.shared import access\naccess.say_where_to_upload()")
    app.context = {"url": url}
    app.run()
    assert not app.exception
    assert "cookie" in app.info[0].value
    links = [each.proto.url for each in app.get("link_button")]
    assert links == ([url] if offered else [])
