"""Scripts and styles of the browser: ES modules that it fetches as they stand, without a build."""

import hashlib
import posixpath
import re
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_HERE = Path(__file__).parent
_UI = _HERE.parents[1]
PIECES, PRINT = _HERE.parent / "pieces.css", _HERE.parent / "print.css"
"""Style sheets of pages and components alike."""

_FILES = {
    file.relative_to(_UI).as_posix(): file.read_bytes()
    for file in sorted(_UI.rglob("*"))
    if file.suffix in (".js", ".wasm")
}


def _imports(path: str) -> list[str]:
    """The modules that one names, by their paths below `ui/`."""
    named = re.findall(rb'^(?:import|export|}).* from "(\.[^"]+)"', _FILES[path], re.MULTILINE)
    return [posixpath.normpath(f"{posixpath.dirname(path)}/{each.decode()}") for each in named]


def _naming_all(path: str) -> bytes:
    """A component's module, which at its end names all that those it imports will import: so a
    browser asks for them at once, not for each layer when the one before has come."""
    if b"export default" not in _FILES[path]:
        return _FILES[path]
    found = _imports(path)
    named = len(found)
    for each in found:  # which grows
        found.extend(more for more in _imports(each) if more not in found)
    near = (posixpath.relpath(each, posixpath.dirname(path)) for each in found[named:])
    lines = (f'import "./{each}";\n'.encode() for each in near)
    return b"".join((_FILES[path], *lines))


SCRIPTS = {
    path: _naming_all(path) if path.endswith(".js") else content for path, content in _FILES.items()
}
"""All that can be fetched, by its path below `ui/`."""
VERSION = hashlib.sha256(b"".join(SCRIPTS.values())).hexdigest()[:12]


def component(name: str, path: str, *sheets: str, **filled: str) -> ComponentRenderer:
    """The component whose HTML, CSS and ES module lie at this path below `ui/`, with further sheets
    beside them, and with words of the HTML filled in."""
    html = (_UI / f"{path}.html").read_text("utf-8")
    for word, value in filled.items():
        html = html.replace(word, value)
    own = (_UI / f"{path}.css", *((_UI / path).parent / f"{each}.css" for each in sheets))
    # What all share comes first; how all are printed, last.
    files = (_HERE / "controls.css", *own, PRINT)
    css = "\n".join(each.read_text("utf-8") for each in files)
    return st.components.v2.component(name, html=html, css=css, js=script(path))


def script(path: str) -> str:
    """What Streamlit is given for a component of this ES module, named below `ui/`, without .js."""
    return f"""export default async (component) => {{
  const {{ default: mount }} = await import(
    new URL("assets/{VERSION}/{path}.js", document.baseURI));
  return mount(component);
}}"""
