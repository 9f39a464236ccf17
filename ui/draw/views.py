"""The Draw page's pictures: what was done to a photo of a digit, as HTML."""

from ui.shared.drawing import Photo


def steps(photo: Photo) -> str:
    """What was done to a picture, from left to right."""
    parts = []
    for step in photo.steps:
        css = "shot ink" if step.is_ink else "shot"
        css += " tiny" if step.is_tiny else ""
        parts.append(
            f'<figure><div class="frame"><div class="{css}" role="img" aria-label="{step.name}" '
            f"style=\"--shot:url('{step.url}')\"></div></div>"
            f"<figcaption><b>{step.name}</b> {step.note}</figcaption></figure>"
        )
    return f'<div class="steps">{"".join(parts)}</div>'
