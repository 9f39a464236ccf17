"""How the visitor reaches the app, as their browser says: what they may run, and what it lends."""

from urllib.parse import SplitResult, urlsplit

import streamlit as st
from streamlit.web.server.server_util import is_xsrf_enabled
from streamlit.web.server.starlette.starlette_server_config import XSRF_COOKIE_NAME

_HERE = ("localhost", "127.0.0.1", "::1")


def for_the_host(advice: str) -> str:
    """Advice to whoever runs the app, such as a command; empty for visitors of a hosted one, who
    could not follow it. Who runs it opens it on the same machine."""
    return advice if _address().hostname in _HERE else ""


def lends_camera() -> bool:
    """Whether browsers lend a camera to this page: by https or on their own machine alone."""
    address = _address()
    return address.scheme != "http" or address.hostname in _HERE


def can_upload() -> bool:
    """Whether the cookie that protects uploads came along; without it the server refuses them. On a
    page of another site browsers keep it back."""
    return not is_xsrf_enabled() or XSRF_COOKIE_NAME in st.context.cookies


def largest_upload(most: int) -> int:
    """In megabytes: that, or less where the host allows less. Streamlit knows no less than 1."""
    return max(1, min(most, st.get_option("server.maxUploadSize")))


def say_where_to_upload() -> None:
    """What to do where that cookie is missing."""
    st.info(
        "Files cannot be given here: your browser keeps back the cookie that protects uploads, as "
        "browsers do where a page stands inside another site's."
    )
    if (address := _address()).scheme in ("http", "https"):
        st.link_button("Open this page in a tab of its own", address.geturl())


def _address() -> SplitResult:
    """Of the page, as the browser shows it; without any part where that is not known."""
    try:
        return urlsplit(st.context.url or "")
    except ValueError:
        return urlsplit("")
