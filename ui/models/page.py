"""Models: every figure of two models side by side, with what it means and what good is."""

import html
from collections.abc import Callable

import streamlit as st

from ui.models import card, copying, measures, plots
from ui.shared import frame, pages, shelf, visit
from ui.shared.words import escaped
from vae_model.engine.digit_engine import DigitEngine
from vae_model.runs.run import list_runs

OTHER = "other_model"
# That can be compared with because they were evaluated, the newest ones.
MOST_RUNS = 8
CURVES = (
    ("accuracy", "Accuracy, %"),
    ("kl", "KL, nats"),
    ("classification_loss", "Classification loss, nats"),
)
# Anchor of each part of the page -> its name in the index.
SECTIONS = {
    "figures": "Figures",
    "weaknesses": "Weaknesses",
    "confusion": "Confusion",
    "confidence": "Confidence",
    "copying": "Copying",
    "training": "Training",
    "origin": "Origin",
}
CONFIDENCE = (
    "Each dot stands for the test digits that it was about equally sure of, with the 95 % interval "
    "that their number allows. On the dotted line, 70 % sure is right seven times in ten; below "
    "it, the model claims too much. The bars count the digits, each gridline ten times as many."
)
COPYING = (
    "Above, the first digit of each kind that it wrote in random styles; below, the nearest of all "
    "the digits that it learned from. The number is how far apart they are: its square is how many "
    "pixels would have to turn from paper to ink. A copy has 0."
)
DISTANCES = (
    "Distances to the nearest digit that it learned from: the tick is the median, the bar holds "
    "half of the digits, the line 98 %. What a model writes is smoother than the stroke of a pen, "
    "and so nearer to every digit; unseen digits that it has rewritten are as smooth, and so the "
    "fair comparison. Copies would all lie at 0."
)


def render() -> None:
    """The whole page."""
    engine = frame.begin(pages.MODELS)
    two = _two(engine)
    links = "".join(f'<a href="#{anchor}">{name}</a>' for anchor, name in SECTIONS.items())
    st.html(f'<nav class="index" aria-label="Parts of this page">{links}</nav>')
    judge = card.judge_accuracy(shelf.folder())
    _figures(two, judge)
    _beside("weaknesses", "Known weaknesses", two, _weaknesses)
    _beside("confusion", "Asked for, and read by the judge", two, _confusion, _reading(judge))
    _confidence(two)
    _copying(two)
    _curves(two)
    _beside("origin", "How it was made", two, _facts)
    _recipes(two)


def _two(engine: DigitEngine) -> dict[str, DigitEngine]:
    """The chosen model and, where there is another, one to compare it with; by name to show."""
    evaluated = [run.id for run in list_runs(shelf.runs_folder()).runs if run.metrics]
    offered = shelf.models([*visit.runs_in_use([]), *evaluated[:MOST_RUNS]])
    chosen = str(st.session_state.get(visit.MODEL, engine.name))
    label = offered.labels.get(chosen, chosen)
    others = [name for name in offered.engines if name != chosen]
    if not others:
        return {label: engine}
    with st.container(key="compare-with"):
        other = st.selectbox(
            "Compare with",
            others,
            key=OTHER,
            persist_state="session",
            format_func=lambda name: offered.labels.get(name, name),
        )
    other = other if other in others else others[0]
    name = offered.labels.get(other, other)
    # Two runs may be called the same.
    return {label: engine, name if name != label else f"{name} (2)": offered.engines[other]}


def _figures(two: dict[str, DigitEngine], judge: float | None) -> None:
    st.html(f'<div id="figures">{measures.table(two, judge)}</div>')
    on = {name: card.measured_on(engine) for name, engine in two.items()}
    if all(on.values()) and len(set(on.values())) > 1:
        listed = "; ".join(f"{escaped(name)}: {escaped(of)}" for name, of in on.items())
        st.caption(f"Not measured alike, so that figures do not quite compare ({listed}).")


def _beside(
    anchor: str,
    title: str,
    two: dict[str, DigitEngine],
    show: Callable[[DigitEngine], None],
    explained: str = "",
) -> None:
    st.subheader(title, anchor=anchor)
    if explained:
        st.html(f'<p class="said">{explained}</p>')
    with st.container(key=f"beside-{anchor}"):
        for place, (name, engine) in enumerate(two.items()):
            with st.container(key=f"{anchor}-{place}"):
                st.markdown(f"**{escaped(name)}**")
                show(engine)


def _weaknesses(engine: DigitEngine) -> None:
    found = [f"- {line}".replace(" %", "\N{NO-BREAK SPACE}%") for line in card.weaknesses(engine)]
    st.markdown("\n".join(found) or "None that its figures show.")


def _reading(judge: float | None) -> str:
    said = (
        "Down: the digit that was asked for, in random styles; across: what the judge read, how "
        "many times. Warm: another digit."
    )
    if judge is None:
        return said
    return f"{said} The judge reads {100 * judge:.2f} % of real digits rightly."


def _confusion(engine: DigitEngine) -> None:
    found = plots.confusion(engine)
    if found:
        st.html(found)
    else:
        frame.not_measured()


def _confidence(two: dict[str, DigitEngine]) -> None:
    places = {id(engine): place for place, engine in enumerate(two.values())}

    def show(engine: DigitEngine) -> None:
        bins = plots.bins(engine)
        if not bins:
            frame.not_measured()
            return
        st.html(f'<p class="quiet">{plots.last_bin(bins)}</p>')
        st.plotly_chart(
            plots.calibration(bins),
            key=f"calibration-{places[id(engine)]}",
            config={"displayModeBar": False},
            alt=plots.told(bins),
        )

    _beside("confidence", "How sure, and how often right", two, show, CONFIDENCE)


def _copying(two: dict[str, DigitEngine]) -> None:
    most = copying.reach(two)
    names = {id(engine): name for name, engine in two.items()}

    def show(engine: DigitEngine) -> None:
        pictures = copying.pictures(engine, names[id(engine)])
        distances = copying.distances(engine, most)
        if not (pictures or distances):
            frame.not_measured()
            return
        st.html(f'{pictures}{distances}<p class="said">{copying.verdict(engine)}</p>')

    _beside("copying", "Does it copy?", two, show, COPYING)
    if any(copying.distances(engine, most) for engine in two.values()):
        st.html(f'<p class="said">{DISTANCES}</p>')


def _facts(engine: DigitEngine) -> None:
    st.html(card.facts_list(engine))


def _recipes(two: dict[str, DigitEngine]) -> None:
    """Not side by side: commands are long, and not there to be compared."""
    st.subheader("Make it again", anchor="again")
    for name, engine in two.items():
        st.markdown(f"**{escaped(name)}**")
        st.code(card.recipe(engine), language="sh", wrap_lines=True)


def _curves(two: dict[str, DigitEngine]) -> None:
    if not any(engine.checkpoint.history for engine in two.values()):
        return
    st.subheader("On test digits, epoch by epoch", anchor="training")
    lines = "".join(
        f'<span><i class="{place}"></i>{html.escape(name)}</span>'
        for place, name in zip(("first", "second"), two, strict=False)
    )
    with st.container(key="curves"):
        for key, title in CURVES:
            with st.container(key=f"card-curve-{key}"):
                st.html(f'<p class="label">{title}{lines}</p>')
                st.plotly_chart(
                    plots.curve(two, "test", key),
                    key=f"curve-{key}",
                    config={"displayModeBar": False},
                    alt=f"{title} after each epoch",
                )


render()
