"""Parts that pages build their HTML from; text is escaped unless it is Markup."""

from collections.abc import Iterable

from markupsafe import Markup

from ui.shared import ink
from ui.shared.board import STYLE_LIMIT
from vae_model.engine.digit_engine import Floats


def joined(parts: Iterable[object]) -> Markup:
    return Markup().join(parts)  # type: ignore[arg-type]


def group(css: str, *parts: object) -> Markup:
    """Parts in one element of a CSS class."""
    return Markup('<div class="{}">{}</div>').format(css, joined(parts))


def paragraph(css: str, *parts: object) -> Markup:
    return Markup('<p class="{}">{}</p>').format(css, joined(parts))


def facts(css: str, rows: Iterable[tuple[object, object]]) -> Markup:
    lines = (Markup("<dt>{}</dt><dd>{}</dd>").format(*row) for row in rows)
    return Markup('<dl class="{}">{}</dl>').format(css, joined(lines))


def figure(picture: Markup, caption: object, css: str = "") -> Markup:
    template = Markup('<figure class="{}">{}<figcaption>{}</figcaption></figure>')
    return template.format(css, picture, caption)


def framed(view: object, caption: object) -> Markup:
    """A picture on a faint ground, which shows where it ends, and what it is."""
    return figure(group("frame", view), caption)


def pixels(image: Floats, alt: str, css: str = "") -> Markup:
    """A (28, 28) image, pixel by pixel."""
    return ink.picture(image, alt, scale=8, look="pixels", css=css)


def track(mean: float, std: float, spot: float | None = None) -> Markup:
    """A line from −3 to 3 with the range mean ± std on it, and the mean or a spot."""
    low, high = _along(mean - std), _along(mean + std)
    css, place = ("mean", mean) if spot is None else ("spot", spot)
    return Markup(
        '<div class="track" aria-hidden="true"><i class="range" style="left:{:.1f}%;right:{:.1f}%">'
        '</i><i class="{}" style="left:{:.1f}%"></i></div>'
    ).format(low, 100 - high, css, _along(place))


def _along(value: float) -> float:
    """Percent of the way from −3 to 3."""
    return 100 * min(max((value + STYLE_LIMIT) / (2 * STYLE_LIMIT), 0), 1)


def output(text: object) -> Markup:
    """A number of what stands beside it. No HTML output: a screen reader would say that it is a
    status bar, and not what stands in it."""
    return Markup('<span class="output">{}</span>').format(text)


def bar(share: float) -> Markup:
    """A bar that is full at 1."""
    return Markup('<div class="bar"><i style="width:{:.1f}%"></i></div>').format(100 * share)
