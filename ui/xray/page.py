"""X-ray: what each style dim holds, what it costs and what it does to the writing."""

import streamlit as st

from ui.shared import board, frame, metrics, pages, shelf, visit
from ui.shared.dims import ASLEEP_KL, StyleDim, style_dims, traits_of
from ui.shared.latents import latents_of
from ui.shared.metrics import Price
from ui.xray import views
from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.config import DIGITS

DIGIT = "xray_digit"


def render() -> None:
    """The whole page."""
    engine = frame.begin(pages.XRAY)
    price = _price(engine, engine.name)
    _rows(engine, price)
    _matrix(engine, price)
    _totals(engine, price)


@st.fragment
def _rows(engine: DigitEngine, price: Price) -> None:
    shown = board.current_board(engine).digit
    with st.container(key="xray-digit"):
        digit = st.segmented_control(
            "Digit",
            range(DIGITS),
            default=shown,
            required=True,
            key=DIGIT,
            label_visibility="collapsed",
            persist_state="session",
        )
    digit = shown if digit is None else int(digit)
    awake, asleep = _dims(engine, price)
    traits = traits_of(engine)
    st.html(f'<div class="dim-rows">{views.rows(engine, awake, traits, price, digit)}</div>')
    if asleep:
        st.subheader("Asleep", anchor=False)
        st.markdown(
            "These dims say nothing: for every image the encoder answers with the prior itself, so "
            "they cost nothing, and the decoder has learnt to ignore them. That is how a VAE gives "
            "back what it does not need."
        )
        st.html(
            f'<div class="dim-rows asleep">{views.rows(engine, asleep, traits, price, digit)}</div>'
        )


def _matrix(engine: DigitEngine, price: Price) -> None:
    awake, asleep = _dims(engine, price)
    st.subheader("What moves with what", anchor=False)
    st.markdown(
        "Each number is a correlation: +1 where the feature always grows with the dim, −1 where it "
        "always shrinks, 0 where the two have nothing to do with each other. Measured on 300 "
        "styles from the prior, each written as all ten digits."
    )
    st.html(views.matrix([*awake, *asleep], traits_of(engine)))


def _totals(engine: DigitEngine, price: Price) -> None:
    st.subheader("What a style costs", anchor=False)
    st.markdown(
        "The KL is the price of the style: how many nats a model spends on average to say how an "
        "image is written, beyond what the prior says of any digit. More is not better by itself: "
        "it pays off where the image is rebuilt better by as much, and where no digit hides in it."
    )
    offered = shelf.models(visit.runs_in_use([]))
    chosen = str(st.session_state.get(visit.MODEL, engine.name))
    prices = {
        name: _price(other, offered.labels.get(name, name))
        for name, other in offered.engines.items()
    }
    st.html(views.totals({chosen: price, **prices}, chosen))
    st.caption(
        f"Measured on {price.images:,} test images. A dim that costs less than "
        f"{ASLEEP_KL} nats counts as asleep."
    )


def _price(engine: DigitEngine, name: str) -> Price:
    """From the model's own evaluation where it has one, else measured now."""
    evaluated = metrics.evaluated(engine, name)
    return evaluated or views.measured(latents_of(engine), name)


def _dims(engine: DigitEngine, price: Price) -> tuple[list[StyleDim], list[StyleDim]]:
    """Style dims that are awake and those asleep, the dearest first."""
    awake, asleep = style_dims(engine)
    dims = sorted([*awake, *asleep], key=lambda each: -price.per_dim[each.dim])
    sleeps = [price.per_dim[each.dim] < ASLEEP_KL for each in dims]
    return (
        [each for each, sleeping in zip(dims, sleeps, strict=True) if not sleeping],
        [each for each, sleeping in zip(dims, sleeps, strict=True) if sleeping],
    )


render()
