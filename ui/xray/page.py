"""X-ray: what each style dim holds, what it costs and what it does to the writing."""

import streamlit as st

from ui.shared import board, frame, pages, shelf, visit
from ui.shared.choice import choose_anew, one_of
from ui.shared.dims import ASLEEP_KL, Price, StyleDim, style_dims
from ui.xray import views
from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.config import DIGITS


def render() -> None:
    engine = frame.begin(pages.XRAY)
    price = views.price(engine)
    awake, asleep = style_dims(engine)
    dims = sorted([*awake, *asleep], key=lambda each: -price.per_dim[each.dim])
    _rows(engine, price, dims[: price.awake], dims[price.awake :])
    _matrix(engine, dims)
    _totals(price)


@st.fragment
def _rows(engine: DigitEngine, price: Price, awake: list[StyleDim], asleep: list[StyleDim]) -> None:
    shown = board.current_board(engine).digit
    with st.container(key="xray-digit"):
        choose_anew("xray_digit", shown, shown)
        digit = one_of("Digit", range(DIGITS), "xray_digit", usual=shown)
    st.html(f'<div class="dim-rows">{views.rows(engine, awake, price, digit)}</div>')
    if asleep:
        st.header("Asleep", anchor=False)
        one = len(asleep) == 1
        st.markdown(
            f"{'This dim says' if one else 'These dims say'} nothing: for every image the encoder "
            f"answers with the prior itself, so {'it costs' if one else 'they cost'} nothing, and "
            f"the decoder has learnt to ignore {'it' if one else 'them'}. That is how a VAE gives "
            "back what it does not need."
        )
        st.html(f'<div class="dim-rows asleep">{views.rows(engine, asleep, price, digit)}</div>')


def _matrix(engine: DigitEngine, dims: list[StyleDim]) -> None:
    st.header("What moves with what", anchor=False)
    st.markdown(
        "Each number is a correlation: +1 where the feature always grows with the dim, −1 where it "
        "always shrinks, 0 where the two have nothing to do with each other. Measured on 300 "
        "styles from the prior, each written as all ten digits."
    )
    st.html(views.matrix(engine, dims))


def _totals(price: Price) -> None:
    st.header("What a style costs", anchor=False)
    st.markdown(
        "The KL is the price of the style: how many nats a model spends on average to say how an "
        "image is written, beyond what the prior says of any digit. More is not better by itself: "
        "it pays off where the image is rebuilt better by as much, and where no digit hides in it."
    )
    offered = shelf.models(visit.runs_in_use([]))
    chosen = st.session_state[visit.MODEL]
    prices = {name: views.price(other) for name, other in offered.engines.items()}
    st.html(views.totals({chosen: price, **prices}, chosen, offered.called))
    st.caption(f"A dim that costs less than {ASLEEP_KL} nats counts as asleep.")


render()
