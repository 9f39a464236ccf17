"""The server's log: one JSON object a line, on standard error, with nothing in it about visitors.

Of an error it has the type and the place in the code, but not the message, which may quote what a
visitor wrote or uploaded, unless the system says it (disk full, no such file).
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from pathlib import Path

from streamlit import logger as streamlit_logger

_ROOT = Path(__file__).resolve().parents[2]

log = logging.getLogger("app")
"""The app's own logger. Further facts of a line: `log.info("ready", extra={"facts": {...}})`."""


class OneLine(logging.Formatter):
    """A record as a JSON object without line breaks."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info and (error := record.exc_info[1]):
            frames = traceback.extract_tb(error.__traceback__)[-12:]  # the innermost
            line["error"] = _name(error)
            line["at"] = [f"{_short(each.filename)}:{each.lineno} {each.name}" for each in frames]
            if (cause := error.__cause__ or error.__context__) is not None:
                line["because"] = _name(cause)
        return json.dumps(line, ensure_ascii=False)


def configure() -> None:
    """Let every logger of this process write such lines: those that are there, and those to come.
    Libraries are heard from warnings on: below that, web servers tell addresses."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    log.setLevel(logging.INFO)
    logging.captureWarnings(True)
    # Streamlit gives each of its loggers a handler of its own, also to those it makes later.
    streamlit_logger.setup_formatter = _hand_over
    streamlit_logger.set_log_level(logging.WARNING)
    for logger in list(root.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger):
            _hand_over(logger)


def _hand_over(logger: logging.Logger) -> None:
    logger.handlers = []
    logger.propagate = True


def _name(error: BaseException) -> str:
    name = type(error).__name__
    return f"{name}: {error.strerror}" if isinstance(error, OSError) and error.strerror else name


def _short(filename: str) -> str:
    """A file without what lies above the project, or above the packages."""
    path = Path(filename)
    if "site-packages" in path.parts:
        return str(Path(*path.parts[path.parts.index("site-packages") + 1 :]))
    return str(path.relative_to(_ROOT)) if path.is_relative_to(_ROOT) else path.name
