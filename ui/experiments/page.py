"""Experiments: predict what comes out, then see it, with the figures and the reason."""

from collections.abc import Callable

import streamlit as st
from markupsafe import Markup

from ui.experiments.scripts import TEXTS, Outcome, Script, say, scripts
from ui.experiments.trials import Unusable
from ui.shared import access, frame, pages
from ui.shared.aloud import aloud
from ui.shared.drawing import current_image
from ui.shared.words import escaped

WORDS = (
    "Three words that come back. The **style z** is the few numbers in which the encoder says how "
    "an image is written. The **digit dims** are ten more numbers that tell the decoder which "
    "digit to write. A **nat** measures information, as a bit does: 1 nat is 1.44 bits. Fewer nats "
    "for an image mean that the model finds it less surprising."
)


def render() -> None:
    engine = frame.begin(pages.EXPERIMENTS)
    with st.container(key="experiments"):
        st.markdown(WORDS)
        for key, script in scripts(engine, current_image()).items():
            _show(key, script)


@st.fragment
def _show(key: str, script: Callable[[], Script]) -> None:
    text = TEXTS[key]
    st.header(text["title"], anchor=False)
    outcome = Outcome(0, {})
    try:
        for part in script():
            match part:
                case Outcome():
                    outcome = part
                    st.markdown(say(text["intro"], outcome.facts))
                    if not _is_answered(key, outcome):
                        return
                case Markup():
                    st.html(part)
                case None:
                    st.markdown(outcome.why or say(text["why"], outcome.facts))
    except Unusable as error:
        st.markdown(say(text["intro"], {}))
        st.info(
            "This experiment needs small models of its own, and one of them cannot be used."
            + access.for_the_host(" `make experiments` in the project folder trains them again.")
        )
        st.caption(escaped(f"{error}."))
    else:
        st.caption(say(text["note"], outcome.facts))


def _is_answered(key: str, outcome: Outcome) -> bool:
    """Asks; once there is an answer, says how it compares to what comes true."""
    text = TEXTS[key]
    choices = [say(each, outcome.facts) for each in text["choices"]]
    chosen = st.radio(
        say(text["question"], outcome.facts),
        choices,
        index=None,
        key=f"predict-{key}",
        persist_state="session",
    )
    if chosen not in choices:
        return False
    if outcome.choice is None:
        verdict, truth = "None of these.", ""
    else:
        true = choices[outcome.choice]
        verdict = "As you predicted." if chosen == true else "It comes out differently."
        truth = f" {true}."
    st.markdown(f"**{verdict}**{truth}")
    aloud(verdict + truth, key)
    return True


render()
