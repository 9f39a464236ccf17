"""The components' scripts as browsers fetch them: each with all that it imports in one file.

A component has thirty modules, and a browser fetches six files of a server at a time. They are put
together when the app starts, by the forms that all of them have: names are imported from files
nearby, and exported where they are declared.
"""

import hashlib
import posixpath
import re
from pathlib import Path

_UI = Path(__file__).parents[2]
_IMPORT = re.compile(r'^import (\{[^}]+\}) from "(\.[^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(
    r"^export (?:(default)|(?:async )?(?:function|class|const) (\w+))", re.MULTILINE
)
_MODULES = {
    file.relative_to(_UI).as_posix(): file.read_text("utf-8") for file in sorted(_UI.rglob("*.js"))
}
_KERNELS = {file.name: file.read_bytes() for file in sorted(_UI.rglob("*.wasm"))}

VERSION = hashlib.sha256(
    b"".join([*(text.encode() for text in _MODULES.values()), *_KERNELS.values()])
).hexdigest()[:12]


def _beside(path: str, near: str) -> str:
    return posixpath.normpath(f"{posixpath.dirname(path)}/{near}")


def _with_all(path: str, before: tuple[str, ...] = ()) -> tuple[str, ...]:
    """A module after all that it comes to import, but what is there `before`."""
    for _, near in _IMPORT.findall(_MODULES[path]):
        if (each := _beside(path, near)) not in before:
            before = _with_all(each, before)
    return (*before, path)


def _as_function(path: str) -> str:
    """A module as a function that runs it, and returns what it exports."""

    def taken(found: re.Match[str]) -> str:
        return f'const {found[1]} = modules["{_beside(path, found[2])}"];'

    def declared(found: re.Match[str]) -> str:
        return "const byDefault =" if found[1] else found[0].removeprefix("export ")

    text = _MODULES[path]
    names = [name or "default: byDefault" for _, name in _EXPORT.findall(text)]
    body = _EXPORT.sub(declared, _IMPORT.sub(taken, text))
    return f"() => {{\n{body}\nreturn {{ {', '.join(names)} }};\n}}"


def _bundle(path: str) -> bytes:
    """A component's script. Components of one page share the modules that both of them import."""
    lines = [f'const modules = (globalThis["digits {VERSION}"] ??= {{}});']
    for each in _with_all(path):
        lines.append(f'modules["{each}"] ??= ({_as_function(each)})();')
    lines.append(f'export default modules["{path}"].default;\n')
    return "\n".join(lines).encode()


_ENTRIES = [path for path, text in _MODULES.items() if "\nexport default " in text]
SCRIPTS = {posixpath.basename(path): _bundle(path) for path in _ENTRIES} | _KERNELS
"""All that can be fetched, by its name."""
