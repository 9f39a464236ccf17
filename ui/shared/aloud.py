"""What a screen reader is told of what the page shows anew: answers of the server come without a
change of the focus, and nobody who does not see them would know of them."""

import streamlit as st

from ui.shared.browser import script

_aloud = st.components.v2.component("aloud", js=script("shared/browser/aloud"))


def aloud(text: str, place: str) -> None:
    """Says a sentence, once, when it is another one than was said last of this place, on whatever
    page that is."""
    _aloud(key=f"aloud-{place}", height=1, data={"place": place, "said": text})
