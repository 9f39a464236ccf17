"""Pictures with what they show below them, and parts side by side."""

from markupsafe import Markup


def figure(picture: Markup, caption: object, css: str = "") -> Markup:
    """A picture and its caption; text is escaped."""
    template = Markup('<figure class="{}">{}<figcaption>{}</figcaption></figure>')
    return template.format(css, picture, caption)


def group(css: str, *parts: Markup) -> Markup:
    """Parts in one element of a CSS class."""
    return Markup('<div class="{}">{}</div>').format(css, Markup("").join(parts))
