"""Scripts and styles of the browser, as Streamlit takes them."""

import posixpath
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from ui.shared.browser.bundles import VERSION

_HERE = Path(__file__).parent
_UI = _HERE.parents[1]
PIECES, PRINT = _HERE.parent / "pieces.css", _HERE.parent / "print.css"
"""Style sheets of pages and components alike."""
_UNDO_AND_REDO = (_HERE / "undo_and_redo.html").read_text("utf-8")
"""Two buttons; the HTML of a component has the word where they are to stand."""


def component(name: str, path: str, *sheets: str, **filled: str) -> ComponentRenderer:
    """The component whose HTML, CSS and ES module lie at this path below `ui/`, with further sheets
    beside them, and with words of the HTML filled in."""
    html = (_UI / f"{path}.html").read_text("utf-8")
    for word, value in {"UNDO_AND_REDO": _UNDO_AND_REDO, **filled}.items():
        html = html.replace(word, value)
    own = (_UI / f"{path}.css", *((_UI / path).parent / f"{each}.css" for each in sheets))
    # What all share comes first; how all are printed, last.
    files = (_HERE / "controls.css", *own, PRINT)
    css = "\n".join(each.read_text("utf-8") for each in files)
    return st.components.v2.component(name, html=html, css=css, js=script(path))


def script(path: str) -> str:
    """What Streamlit is given for a component of this ES module, named below `ui/`, without .js."""
    name = posixpath.basename(path)
    return f"""export default async (component) => {{
  const {{ default: mount }} = await import(
    new URL("assets/{VERSION}/{name}.js", document.baseURI));
  return mount(component);
}}"""
