"""The three networks as a drawing, with the part that is looked at lit.

Streamlit takes SVG out of a page's HTML, so the wires are masks; names and pictures are HTML.
"""

from urllib.parse import quote

from markupsafe import Markup

from ui.inside.walk import Walk
from ui.shared import ink
from ui.shared.parts import group, joined

WIDTH, HEIGHT = 360, 224
IMAGE, DIGIT, ENCODER, STYLE, DRAW, JOIN, DECODER, LOSS = range(8)

# (stop at which it is lit, path)
WIRES = (
    (DIGIT, "M48 98C60 84 58 46 74 44"),
    (DIGIT, "M146 44H196"),
    (ENCODER, "M48 118C60 132 58 172 74 174"),
    (STYLE, "M146 174H162"),
    (DRAW, "M194 174H208"),
    (DRAW, "M222 204V190"),
    (JOIN, "M222 64V96"),
    (JOIN, "M222 160V122"),
    (DECODER, "M242 109H254"),
    (DECODER, "M306 109H314"),
)
SIGHT = (ENCODER, "M202 64C190 116 126 108 114 158")
"""Of an encoder that sees the digit."""
# (left, top, width, height, text, CSS class, stops at which it is lit)
PARTS = (
    (4, 87, 44, 44, "image", "shot", {IMAGE}),
    (74, 30, 72, 28, "classifier", "net", {DIGIT}),
    (196, 26, 52, 36, "bars", "ten", {DIGIT, JOIN}),
    (248, 30, 30, 28, "y", "symbol", {DIGIT, JOIN}),
    (74, 160, 72, 28, "encoder", "net", {ENCODER}),
    (162, 160, 32, 28, "μ, σ", "symbol", {STYLE}),
    (208, 160, 28, 28, "z", "symbol round", {DRAW, JOIN}),
    (208, 203, 28, 20, "ε", "symbol", {DRAW}),
    (202, 97, 40, 24, "z, y", "symbol net", {JOIN}),
    (254, 95, 52, 28, "decoder", "net", {DECODER}),
    (314, 87, 44, 44, "made", "shot", {DECODER}),
    # Of the loss: they are there at its stop alone.
    (286, 136, 72, 20, "reconstruction", "term", {LOSS}),
    (142, 190, 60, 20, "KL", "term", {LOSS}),
    (186, 4, 72, 20, "classification", "term", {LOSS}),
)


def drawing(walk: Walk, stop: int) -> Markup:
    """The machine with the image that is in it, at one of the eight stops."""
    wires = [*WIRES, SIGHT] if walk.engine.checkpoint.model.encoder_sees_digit else WIRES
    # What the classifier says and the encoder sees, and from Join on what the decoder gets.
    shown = walk.digit_dims if stop >= JOIN else walk.probs
    top = max(float(shown.max()), 1e-9)
    bars = joined(
        Markup('<b style="height:{:.0f}%"></b>').format(100 * float(share) / top) for share in shown
    )
    pictures = {
        "image": ink.picture(walk.image, "The image", scale=4),
        "made": ink.picture(walk.made, "What it becomes", scale=4),
        "bars": group("bars", bars),
    }
    part = Markup('<div class="{} {}" style="left:{}%;top:{}%;width:{}%;height:{}%">{}</div>')
    parts = joined(
        part.format(
            css,
            "lit" if stop in lit else "",
            *(100 * place / side for place, side in zip(box, 2 * (WIDTH, HEIGHT), strict=True)),
            Markup(pictures.get(text, f"<i>{text}</i>" if "symbol" in css else text)),
        )
        for *box, text, css, lit in PARTS
        if stop == LOSS or LOSS not in lit
    )
    return Markup(
        '<div class="machine" role="img" aria-label="Image into classifier and encoder; style and '
        'digit {} into the decoder">{}{}{}</div>'
    ).format(
        int(walk.digit_dims.argmax()),
        _wires([path for lit, path in wires if lit != stop], "quiet"),
        _wires([path for lit, path in wires if lit == stop], "lit"),
        parts,
    )


def _wires(paths: list[str], css: str) -> Markup:
    lines = "".join(f'<path d="{path}" marker-end="url(#a)"/>' for path in paths)
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        '<defs><marker id="a" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="5" '
        'markerHeight="5" orient="auto"><path d="M0 0L6 3L0 6z"/></marker></defs>'
        f'<g fill="none" stroke="#000" stroke-width="1.25">{lines}</g></svg>'
    )
    return Markup('<div class="wires {}" style="--wires:url(data:image/svg+xml,{})"></div>').format(
        css, quote(picture)
    )
