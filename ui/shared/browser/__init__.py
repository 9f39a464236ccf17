"""Scripts and styles of the browser: ES modules that it fetches as they stand, without a build."""

import hashlib
from pathlib import Path

_HERE = Path(__file__).parent
_UI = _HERE.parents[1]
PIECES = _HERE.parent / "pieces.css"

SCRIPTS = {
    file.relative_to(_UI).as_posix(): file.read_bytes()
    for file in sorted(_UI.rglob("*"))
    if file.suffix in (".js", ".wasm")
}
"""All that can be fetched, by its path below `ui/`."""
VERSION = hashlib.sha256(b"".join(SCRIPTS.values())).hexdigest()[:12]


def script(path: str) -> str:
    """What Streamlit is given for a component whose ES module lies at this path below `ui/`."""
    address = f"assets/{VERSION}/{path}"
    return f"""export default async (component) => {{
  const {{ default: mount }} = await import(new URL("{address}", document.baseURI));
  return mount(component);
}}"""


def styles(*files: Path) -> str:
    """A component's style sheets, after the colours and controls that all components share."""
    return "\n".join(each.read_text("utf-8") for each in (_HERE / "controls.css", *files))
