"""The server's log: a JSON object a line, with nothing in it about visitors."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit import logger as streamlit_logger

from tests.support.app import ROOT
from ui.server import logs


@pytest.fixture
def log_lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What the configured log writes, parsed."""
    root = logging.getLogger()
    known = [each for each in root.manager.loggerDict.values() if isinstance(each, logging.Logger)]
    for logger in (root, *known):
        for name in ("handlers", "propagate", "level"):
            monkeypatch.setattr(logger, name, getattr(logger, name))
    monkeypatch.setattr(streamlit_logger, "setup_formatter", streamlit_logger.setup_formatter)
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    logs.configure()
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.captureWarnings(False)
    root.setLevel(root.level)  # which forgets what it had found to be enabled


def test_an_error_is_one_line_that_says_where_and_not_what_was_written(log_lines: Any) -> None:
    try:
        int("Anna, born 1984")
    except ValueError:
        streamlit_logger.get_logger("streamlit.error_util").exception("Uncaught app execution")
    (line,) = log_lines()
    assert (line["level"], line["error"]) == ("error", "ValueError")
    assert line["at"][-1].startswith("tests/ui/server/test_logs.py:")
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
