"""Scripts and styles of the browser that several components share."""

import re
from pathlib import Path

SHARED = Path(__file__).parent

_IMPORT = re.compile(r'^import \{[^}]*\} from "(\.[^"]+)";\n', re.MULTILINE)
_JSDOC = re.compile(r"^ */\*\*(?:[^*]|\*(?!/))*\*/\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default\b)", re.MULTILINE)


def script(entry: Path) -> str:
    """An ES module and all that it imports as one script, which is how Streamlit takes it.

    Imports name what they take (`import { name } from "./file.js"`), and no two files of a script
    have the same name at their top. Types stay behind.
    """
    return "\n".join(_modules(entry, {}).values())


def styles(file: Path) -> str:
    """A component's style sheet, after the colours and controls that all components share."""
    return "\n".join(each.read_text("utf-8") for each in (SHARED / "controls.css", file))


def _modules(file: Path, found: dict[Path, str]) -> dict[Path, str]:
    """Adds the file to those found, after those that it imports."""
    file = file.resolve()
    if file not in found:
        text = file.read_text("utf-8")
        for imported in _IMPORT.findall(text):
            _modules(file.parent / imported, found)
        found[file] = _EXPORT.sub("", _JSDOC.sub("", _IMPORT.sub("", text)))
    return found
