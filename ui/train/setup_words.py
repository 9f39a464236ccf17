"""What the form for a new run says."""

from typing import Any

from vae_model.data import folder
from vae_model.model.fields import Field

PRESET_HELP = {
    "quick": "A small model that shows everything within a minute or two.",
    "article": "The article's own network and training, to the number.",
    "studio": "What the app's own model was trained with: the best digits, and the slowest.",
}


DATA_HELP = {
    "sample": "10,000 digits that come with the app",
    "mnist": "all 60,000 digits, fetched if they are not there yet",
    "auto": "all of them where they are on disk, else the sample",
}


def data_helps() -> dict[str, str]:
    """The digits to choose from: all of them only where they are, or could be put."""
    can_be_had = folder.is_downloaded() or folder.is_writable()
    return {name: line for name, line in DATA_HELP.items() if name != "mnist" or can_be_had}


def value_text(value: Any) -> str:
    """A field's value for people."""
    if isinstance(value, tuple):
        return "-".join(map(str, value))
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def wanted(field: Field) -> str:
    return "whole numbers with commas between them" if field.kind is tuple else "a number"


def listed(helps: dict[str, str]) -> str:
    return "  \n".join(f"{name}: {line}" for name, line in helps.items())
