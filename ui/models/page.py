"""Models: every figure of two models side by side, with what it means and what good is."""

from collections.abc import Callable
from functools import partial

import streamlit as st
from markupsafe import Markup

from ui.models import card, copying, figures, plots
from ui.shared import frame, pages, shelf, visit
from ui.shared.charts import NO_MODE_BAR
from ui.shared.parts import facts
from ui.shared.words import escaped
from vae_model.engine.digit_engine import DigitEngine
from vae_model.runs.run import list_runs

CURVES = {
    "accuracy": "Accuracy, %",
    "kl": "KL, nats",
    "classification_loss": "Classification loss, nats",
}
# Anchors of the parts of the page; the index shows them as words.
SECTIONS = (
    *("figures", "weaknesses", "confusion", "confidence"),
    *("copying", "training", "origin", "again"),
)


def render() -> None:
    engine = frame.begin(pages.MODELS)
    two = _two(engine)
    has_curves = any(engine.checkpoint.history for engine in two.values())
    links = "".join(
        f'<a href="#{anchor}">{anchor.capitalize()}</a>'
        for anchor in SECTIONS
        if has_curves or anchor != "training"
    )
    st.html(f'<nav class="index wide" aria-label="Parts of this page">{links}</nav>')
    judge = shelf.judge_accuracy()
    _figures(two, judge)
    _beside("weaknesses", "Known weaknesses", two, _weaknesses)
    counts = "Asked for, and read by the judge"
    _beside("confusion", counts, two, lambda _, engine: plots.confusion(engine), _reading(judge))
    _beside(
        "confidence", "How sure, and how often right", two, _confidence, plots.CONFIDENCE_EXPLAINED
    )
    most = copying.reach(two)  # on one scale for all of them
    _beside(
        "copying", "Does it copy?", two, partial(copying.evidence, most), copying.PAIRS_EXPLAINED
    )
    if any(copying.quantiles(engine) for engine in two.values()):
        st.html(f'<p class="said">{copying.DISTANCES_EXPLAINED}</p>')
    if has_curves:
        _curves(two)
    _beside(
        "origin", "How it was made", two, lambda _, each: facts("facts", card.facts(each).items())
    )
    _recipes(two)


def _two(engine: DigitEngine) -> dict[str, DigitEngine]:
    """The chosen model and, where there is another, one to compare it with; by name to show."""
    evaluated = [run.id for run in list_runs(shelf.runs_folder()).runs if run.metrics]
    offered = shelf.models([*visit.runs_in_use([]), *evaluated[: visit.MOST_RUNS]])
    chosen = st.session_state[visit.MODEL]
    label = offered.called(chosen)
    others = [name for name in offered.engines if name != chosen]
    if not others:
        return {label: engine}
    with st.container(key="compare-with"):
        other = st.selectbox(
            "Compare with",
            others,
            key="other_model",
            persist_state="session",
            format_func=offered.called,
        )
    other = other if other in others else others[0]
    return {label: engine, offered.called(other): offered.engines[other]}


def _figures(two: dict[str, DigitEngine], judge: float | None) -> None:
    st.html(f'<div id="figures">{figures.figures_table(two, judge)}</div>')
    on = {name: card.measured_on(engine) for name, engine in two.items()}
    if all(on.values()) and len(set(on.values())) > 1:
        listed = "; ".join(f"{escaped(name)}: {escaped(of)}" for name, of in on.items())
        st.caption(f"Not measured alike, so that figures do not quite compare ({listed}).")


def _beside(
    anchor: str,
    title: str,
    two: dict[str, DigitEngine],
    show: Callable[[str, DigitEngine], Markup | None],
    explained: str = "",
) -> None:
    """A part of each model by its name and engine; where that is empty, it was not measured."""
    st.header(title, anchor=anchor)
    if explained:
        st.html(f'<p class="said">{explained}</p>')
    with st.container(key=f"beside-{anchor}"):
        for place, (name, engine) in enumerate(two.items()):
            with st.container(key=f"{anchor}-{place}"):
                st.markdown(f"**{escaped(name)}**")
                if shown := show(name, engine):
                    st.html(shown)
                elif shown is not None:
                    frame.not_measured()


def _weaknesses(_: str, engine: DigitEngine) -> Markup | None:
    if not figures.is_measured(engine):
        return Markup()
    said = "\n".join(f"- {sentence}" for sentence in card.weaknesses(engine))
    st.markdown(said.replace(" %", "\N{NO-BREAK SPACE}%") or "None that its figures show.")
    return None


def _reading(judge: float | None) -> str:
    worth = "" if judge is None else f" The judge reads {100 * judge:.2f} % of real digits rightly."
    return (
        "Down: the digit that was asked for, in random styles; across: what the judge read, how "
        f"many times. Warm: another digit.{worth}"
    )


def _confidence(name: str, engine: DigitEngine) -> Markup | None:
    bins = plots.bins(engine)
    if not len(bins):
        return Markup()
    st.html(f'<p class="quiet">{plots.last_bin(bins)}</p>')
    st.plotly_chart(
        plots.calibration(bins), key=f"calibration-{name}", config=NO_MODE_BAR, alt=plots.told(bins)
    )
    return None


def _curves(two: dict[str, DigitEngine]) -> None:
    st.header("On test digits, epoch by epoch", anchor="training")
    legend = Markup("").join(
        Markup('<span><i class="{}"></i>{}</span>').format(place, name)
        for place, name in zip(("first", "second"), two, strict=False)
    )
    with st.container(key="curves"):
        for key, title in CURVES.items():
            with st.container(key=f"card-curve-{key}"):
                st.html(f'<p class="label">{title}{legend}</p>')
                st.plotly_chart(
                    plots.curve(two, key),
                    key=f"curve-{key}",
                    config=NO_MODE_BAR,
                    alt=f"{title} after each epoch",
                )


def _recipes(two: dict[str, DigitEngine]) -> None:
    """Not side by side: commands are long, and not there to be compared."""
    st.header("Make it again", anchor="again")
    for name, engine in two.items():
        st.markdown(f"**{escaped(name)}**")
        # Not st.code, for which a browser fetches 1.6 MB to colour it.
        st.html(Markup('<pre class="commands">{}</pre>').format(card.recipe(engine)))


render()
