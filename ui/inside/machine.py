"""The three networks as a drawing, with the part that is looked at lit.

Streamlit takes SVG out of a page's HTML, so the wires are masks; names and pictures are HTML.
"""

from urllib.parse import quote

from ui.inside.walk import Walk
from ui.shared import ink

WIDTH, HEIGHT = 360, 224

IMAGE, DIGIT, ENCODER, STYLE, DRAW, JOIN, DECODER, LOSS = range(8)

# (stops at which it is lit, path)
WIRES = (
    ({DIGIT}, "M48 98C60 84 58 46 74 44"),
    ({DIGIT}, "M146 44H196"),
    ({ENCODER}, "M48 118C60 132 58 172 74 174"),
    ({STYLE}, "M146 174H162"),
    ({DRAW}, "M194 174H208"),
    ({DRAW}, "M222 204V190"),
    ({JOIN}, "M222 64V96"),
    ({JOIN}, "M222 160V122"),
    ({DECODER}, "M236 109H250"),
    ({DECODER}, "M304 109H314"),
)
SIGHT = "M202 64C190 116 126 108 114 158"
"""Of the encoder, which may see the digit."""


def drawing(walk: Walk, stop: int) -> str:
    """The machine with the image that is in it, at one of the eight stops."""
    wires = list(WIRES)
    if walk.engine.checkpoint.model.encoder_sees_digit:
        wires.append(({ENCODER}, SIGHT))
    quiet = [path for lit, path in wires if stop not in lit]
    bright = [path for lit, path in wires if stop in lit]
    top = max(float(walk.digit_dims.max()), 1e-9)
    bars = "".join(
        f'<b style="height:{100 * float(share) / top:.0f}%"></b>' for share in walk.digit_dims
    )
    at = walk.read
    parts = [
        _part(4, 87, 44, 44, ink.picture(walk.image, "The image", scale=4), stop == IMAGE, "shot"),
        _part(74, 30, 72, 28, "classifier", stop == DIGIT, "net"),
        _part(196, 26, 52, 36, f'<div class="bars">{bars}</div>', stop in (DIGIT, JOIN), "ten"),
        _part(248, 30, 30, 28, "<i>y</i>", stop in (DIGIT, JOIN), "symbol"),
        _part(74, 160, 72, 28, "encoder", stop == ENCODER, "net"),
        _part(162, 160, 32, 28, "<i>μ, σ</i>", stop == STYLE, "symbol"),
        _part(208, 160, 28, 28, "<i>z</i>", stop in (DRAW, JOIN), "symbol round"),
        _part(208, 203, 28, 20, "<i>ε</i>", stop == DRAW, "symbol"),
        _part(208, 97, 28, 24, "<i>z, y</i>", stop == JOIN, "symbol net"),
        _part(250, 95, 54, 28, "decoder", stop == DECODER, "net"),
        _part(314, 87, 44, 44, ink.picture(walk.made, "What it becomes", scale=4),
              stop == DECODER, "shot"),
    ]  # fmt: skip
    if stop == LOSS:
        parts += [
            _part(286, 136, 72, 20, "reconstruction", True, "term"),
            _part(142, 190, 60, 20, "KL", True, "term"),
            _part(186, 4, 72, 20, "classification", True, "term"),
        ]
    words = f"Image into classifier and encoder; style and digit {at} into the decoder"
    return (
        f'<div class="machine" role="img" aria-label="{words}">'
        f"{_wires(quiet, 'quiet')}{_wires(bright, 'lit')}{''.join(parts)}</div>"
    )


def _part(left: int, top: int, width: int, height: int, body: str, lit: bool, css: str) -> str:
    place = (
        f"left:{100 * left / WIDTH:.2f}%;top:{100 * top / HEIGHT:.2f}%;"
        f"width:{100 * width / WIDTH:.2f}%;height:{100 * height / HEIGHT:.2f}%"
    )
    return f'<div class="{css} {"lit" if lit else ""}" style="{place}">{body}</div>'


def _wires(paths: list[str], css: str) -> str:
    lines = "".join(f'<path d="{path}" marker-end="url(#a)"/>' for path in paths)
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        '<defs><marker id="a" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="5" '
        'markerHeight="5" orient="auto"><path d="M0 0L6 3L0 6z"/></marker></defs>'
        f'<g fill="none" stroke="#000" stroke-width="1.25">{lines}</g></svg>'
    )
    return (
        f'<div class="wires {css}" style="--wires:url(data:image/svg+xml,{quote(picture)})"></div>'
    )
