"""Models: every figure of two models side by side, with what it means and what good is."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from ui import model_card, models, shell, state
from vae_model.engine import DigitEngine

STYLES = Path(__file__).parent.parent / "understand.css"
OTHER = "other_model"
CURVES = (
    ("accuracy", "Accuracy, %"),
    ("kl", "KL, nats"),
    ("classification_loss", "Classification loss, nats"),
)


def render() -> None:
    """The whole page."""
    shell.header("Models", "Every figure of two models, what it means, and what good would be.")
    engine = shell.engine_or_stop()
    st.html(STYLES)
    shelf = models.shelf(state.runs_in_use([]))
    chosen = str(st.session_state.get(state.MODEL, engine.name))
    others = [name for name in shelf.engines if name != chosen]
    two = {shelf.labels.get(chosen, chosen): engine}
    if others:
        with st.container(key="compare-with"):
            other = st.selectbox(
                "Compare with",
                others,
                key=OTHER,
                format_func=lambda name: shelf.labels.get(name, name),
            )
        other = other if other in others else others[0]
        two[shelf.labels.get(other, other)] = shelf.engines[other]
    st.html(model_card.table(two))
    judged = model_card.judge_accuracy(models.folder())
    if judged is not None:
        st.caption(f"The judge itself reads {100 * judged:.2f} % of real test digits rightly.")
    _beside("Known weaknesses", two, _weaknesses)
    _beside("Asked for, and read by the judge", two, _confusion)
    _curves(two)
    _beside("How it was made", two, _facts)
    _beside("Make it again", two, _recipe)


def _beside(title: str, two: dict[str, DigitEngine], show: Callable[[DigitEngine], None]) -> None:
    st.subheader(title, anchor=False)
    with st.container(key=f"beside-{title.split()[0].lower()}"):
        for place, (name, engine) in enumerate(two.items()):
            with st.container(key=f"{title.split()[0].lower()}-{place}"):
                st.markdown(f"**{name}**")
                show(engine)


def _weaknesses(engine: DigitEngine) -> None:
    found = model_card.weaknesses(engine)
    st.markdown("\n".join(f"- {line}" for line in found) or "None that its figures show.")


def _confusion(engine: DigitEngine) -> None:
    found = model_card.confusion(engine)
    if found:
        st.html(found)
    else:
        st.caption("Not measured yet.")


def _facts(engine: DigitEngine) -> None:
    st.html(model_card.facts_list(engine))


def _recipe(engine: DigitEngine) -> None:
    lines, changed = model_card.recipe(engine)
    if lines:
        st.code(lines, language="sh", wrap_lines=True)
    if changed:
        st.caption("; ".join(changed))


def _curves(two: dict[str, DigitEngine]) -> None:
    if not any(engine.checkpoint.history for engine in two.values()):
        return
    st.subheader("On test digits, epoch by epoch", anchor=False)
    names = list(two)
    second = f'<i class="second"></i>{names[1]}' if len(names) > 1 else ""
    with st.container(key="curves"):
        for key, title in CURVES:
            with st.container(key=f"card-curve-{key}"):
                st.html(f'<p class="label">{title}<i class="first"></i>{names[0]}{second}</p>')
                st.plotly_chart(
                    model_card.curve(two, "test", key),
                    key=f"curve-{key}",
                    config={"displayModeBar": False},
                    alt=f"{title} after each epoch",
                )


render()
