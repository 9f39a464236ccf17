"""Compiles the networks' inner loops for the browser: affine.wat to affine.wasm.

python -m tools.kernel
"""

from pathlib import Path

import wasmtime

SOURCE = Path("ui/shared/browser/affine.wat")


def compiled() -> bytes:
    """What the browser runs."""
    return bytes(wasmtime.wat2wasm(SOURCE.read_text(encoding="utf-8")))


if __name__ == "__main__":
    SOURCE.with_suffix(".wasm").write_bytes(compiled())
