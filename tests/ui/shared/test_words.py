"""What visitors write is shown as text; tests/browser shows what a browser makes of it."""

import re

import pytest

from ui.shared.words import duration, escaped, quoted, share


@pytest.mark.parametrize(
    "text",
    [
        *("![a](http://x.invalid/b)", "<img src=x onerror=y>"),
        *(":red[a] :smile: :material/home:", "$a$ `b` **c** _d_ ~e~ # f\\"),
    ],
)
def test_every_sign_that_markdown_knows_has_a_backslash(text: str) -> None:
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[\]<>:$`*_~#!]", escaped(text))
    assert re.sub(r"\\(.)|\u2060", r"\1", escaped(text)) == text


@pytest.mark.parametrize(
    "address", ["http://x.invalid", "HTTPS://x.invalid", "www.x.invalid", "a@x.invalid"]
)
def test_no_address_in_a_text_becomes_a_link(address: str) -> None:
    plain = re.sub(r"\\(.)", r"\1", escaped(address))
    assert not re.search(r"https?://|www\.|\w@", plain, re.IGNORECASE)
    assert plain.replace("\u2060", "") == address


@pytest.mark.parametrize(
    ("value", "said"),
    [(1, "> 99.9 %"), (0.9995, "> 99.9 %"), (0.9994, "99.9 %"), (0.0005, "0.1 %"), (0, "< 0.1 %")],
)
def test_a_share_claims_no_more_than_is_so(value: float, said: str) -> None:
    assert share(value) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "1 second"), (2.4, "2 seconds"), (89.4, "89 seconds"), (91, "2 minutes"),
     (5400, "1.5 hours")],
)  # fmt: skip
def test_a_time_is_said_as_people_do(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_a_part_of_the_address_is_quoted_in_short() -> None:
    assert quoted("My run (2), your run") == "“My run (2), your run”"
    assert quoted("[a](http://x.invalid) <b>") == "“a(httpx.invalid) b”"
    assert quoted("x" * 100) == f"“{'x' * 39}…”"
