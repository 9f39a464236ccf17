"""The Draw page's pictures: what was done to a photo of a digit, as HTML."""

from markupsafe import Markup

from ui.shared.drawing import Photo
from ui.shared.parts import figure, joined


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
