"""The Draw page's pictures and words: numpy in, HTML out."""

from collections.abc import Sequence

from markupsafe import Markup

from ui.draw import verdict
from ui.draw.hand import AS_READ, SOFT
from ui.shared import ink
from ui.shared.dims import StyleDim
from ui.shared.drawing import Photo
from ui.shared.parts import compared, figure, joined, track
from ui.shared.words import plain, signed, with_article
from vae_model.engine.digit_engine import Floats, Reading
from vae_model.engine.writer_style import Style


def headline(reading: Reading) -> Markup:
    """The digit that was read, and how sure that is."""
    return Markup('<div class="headline {}" role="status"><b>{}</b><span>{}</span></div>').format(
        "strange" if reading.is_familiar is False else "", reading.digit, verdict.how_sure(reading)
    )


def ghosts(images: Floats) -> str:
    """Ten digits (10, 28, 28) where the visitor's own will stand."""
    return f'<div class="ghosts" aria-hidden="true">{ink.row(images, -1, "A {}")}</div>'


def hand_label(count: int) -> str:
    """What the ten digits are, and how many of the visitor's own stand behind them."""
    behind = f", from {count} digits" if count > 1 else ""
    return f'<p class="quiet">All ten digits in your hand{behind}</p>'


def comparison(image: Floats, reading: Reading) -> Markup:
    """What the network sees, what it makes of it, and where the two differ."""
    return compared(
        image,
        reading.reconstruction,
        ("Your digit in 28 by 28 pixels", "The model's redrawing of it"),
        ("What it sees", "Its redrawing"),
        "added",
        "left out",
    )


def samples(images: Floats, reading: Reading, decoded_as: str) -> Markup:
    """Several (28, 28) images of the same digit: one after another in one place, and in a grid."""
    what = "decoded with the ten probabilities"
    if decoded_as != SOFT:
        what = with_article(reading.digit if decoded_as == AS_READ else int(decoded_as))
    # Each image is sent once, as a variable that both places show.
    names = "".join(
        f"--sample-{place}:url({url});" for place, url in enumerate(ink.urls(images, scale=4))
    )
    digit = Markup('<div class="digit" style="--ink:var(--sample-{0});--place:{0}"{1}></div>')
    named = Markup(' role="img" aria-label="Sample {}: {}"')
    return Markup(
        '<div class="samples" style="{}--count:{}"><div class="stack breath" aria-hidden="true">{}'
        '</div><div class="grid">{}</div></div>'
    ).format(
        names,
        len(images),
        joined(digit.format(place, "") for place in range(len(images))),
        joined(digit.format(place, named.format(place + 1, what)) for place in range(len(images))),
    )


def style(awake: Sequence[StyleDim], asleep: Sequence[StyleDim], style: Style) -> Markup:
    """Each style dim that is awake as its range, mean ± std, on a line from −3 to 3."""
    row = Markup(
        '<div class="dim" title="{}"><span>{}</span><small>{}</small>{}<small>{}</small>'
        "<output>{} ± {}</output></div>"
    )
    values = [(float(style.mean[each.dim]), float(style.std[each.dim])) for each in awake]
    rows = (
        row.format(
            each.note, each.name, each.low, track(mean, std), each.high, signed(mean), plain(std)
        )
        for each, (mean, std) in zip(awake, values, strict=True)
    )
    rest = f" {len(asleep)} more dims say next to nothing and stay near 0 ± 1." if asleep else ""
    return Markup(
        '<div class="dims">{}</div><p class="quiet">Mean ± standard deviation of what this hand '
        "writes next; over all writers each dim is 0 ± 1.{}</p>"
    ).format(joined(rows), rest)


def steps(photo: Photo) -> Markup:
    """What was done to a picture, from left to right."""
    shot = Markup(
        '<div class="shot {} {}" role="img" aria-label="{}" style="--shot:url(\'{}\')"></div>'
    )
    parts = (
        figure(
            shot.format(
                "ink" if step.is_ink else "", "tiny" if step.is_tiny else "", step.name, step.url
            ),
            Markup("<b>{}</b> {}").format(step.name, step.note),
        )
        for step in photo.steps
    )
    return Markup('<div class="steps">{}</div>').format(joined(parts))


def preview(photo: Photo) -> Markup:
    """The picture as it came."""
    return Markup('<img class="preview" src="{}" alt="Your picture">').format(photo.preview)


def kept_digit(image: Floats, digit: int) -> str:
    """A digit that the visitor added to their hand."""
    return f'<div class="kept">{ink.picture(image, f"The {digit} that you kept", scale=4)}</div>'
