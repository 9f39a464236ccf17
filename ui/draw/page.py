"""Draw: the model reads a digit as it is drawn, and writes all ten in the same hand."""

import re
from typing import Any

import numpy as np
import streamlit as st

from ui.draw import hand, session, take_home, verdict, views
from ui.draw.hand import Hand
from ui.draw.pad import BadStrokes, Drawing, answered, draw_pad, follow
from ui.draw.turns import TURNS
from ui.shared import access, board, frame, ink, pages, visit
from ui.shared.board import MAX_TEXT
from ui.shared.dims import style_dims
from ui.shared.drawing import WAY, WAYS, Source, current_source, current_way
from vae_model.engine.digit_engine import DigitEngine, Reading

SAMPLES = 8
SEED = "posterior_seed"
SHOWN = "desk_shown"
NO_CAMERA = (
    "Browsers lend their camera to pages that come by https alone, and this one came without. Take "
    "a photo of your digit, and give it under Upload."
)


def render() -> None:
    """The whole page."""
    engine = frame.begin(pages.DRAW)
    _desk(engine)
    _below(engine)


@st.fragment
def _desk(engine: DigitEngine) -> None:
    """The first screen. A fragment, so that a stroke costs no more than this."""
    # Who has lifted the pen waits for what was drawn; who draws can do with less.
    with TURNS.turn(urgent=not session.is_pen_down()), st.container(key="desk"):
        with st.container(key="given"):
            drawing = _give()
        source = current_source()
        reading, mine = hand.consider(engine, source, session.kept())
        with st.container(key="verdict"):
            _verdict(reading, mine)
        with st.container(key="evidence"):
            if source and reading:
                _evidence(source, reading)
        with st.container(key="hand"):
            _ten_digits(engine, source, reading, mine)
    answered(drawing, session.settled_mark())
    st.session_state[SHOWN] = _given()


def _give() -> Drawing | None:
    """The ways to give a digit: the pad, or a picture."""
    st.segmented_control(
        "How to give a digit",
        WAYS,
        default=WAYS[0],
        required=True,
        key=WAY,
        label_visibility="collapsed",
        persist_state="session",
    )
    way = current_way()
    if way == "Draw":
        return _pad()
    taken: Any = {"key": way, "on_change": session.take_file, "args": (way,)}
    if not access.can_upload():
        access.say_where_to_upload()
    elif way == "Upload":
        st.file_uploader(
            "A picture of one digit, at most 40 megapixels",
            type=list(session.UPLOAD_TYPES),
            max_upload_size=session.MAX_UPLOAD_MB,
            **taken,
        )
    elif access.lends_camera():
        st.camera_input("One digit in dark ink on plain paper", **taken)
    else:
        st.info(NO_CAMERA)
    source = current_source()
    if way == "Upload" and source is not None and source.photo is not None:
        st.html(views.preview(source.photo))
    return None


def _pad() -> Drawing | None:
    try:
        drawing = draw_pad(key=session.PAD, start=session.pad_start(), wipes=session.pad_wipes())
    except BadStrokes as problem:
        session.set_note("Draw", str(problem))
        return None
    session.take_drawing(drawing)
    return drawing


def _verdict(reading: Reading | None, mine: Hand | None) -> None:
    note = session.current_note()
    if note:
        st.info(note)
    if reading is not None:
        st.html(views.headline(reading))
    elif mine is not None:
        st.markdown(
            "Kept. Now write another digit the same way: what the two have in common is your hand."
        )
    elif not note:
        st.markdown(
            "The reading appears here while you draw: which digit it is, how sure the model "
            "is of it, and what the network sees of it. All ten digits follow in your hand.\n\n"
            "Or take one of the small digits under the pad, which somebody else wrote."
        )


def _evidence(source: Source, reading: Reading) -> None:
    with st.container(key="strange" if reading.is_familiar is False else "plain"):
        st.plotly_chart(
            verdict.probability_bars(reading),
            key="probabilities",
            theme=None,
            config={"staticPlot": True},
            alt=f"Probability of each digit: {verdict.listed(reading)}",
        )
    st.html(views.comparison(source.image, reading))


def _ten_digits(
    engine: DigitEngine, source: Source | None, reading: Reading | None, mine: Hand | None
) -> None:
    """All ten digits in the visitor's hand."""
    with st.container(
        key="hand-line",
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
    ):
        st.html(views.hand_label(len(mine.digits) if mine else 0), width="content")
        if source is not None:
            full = len(session.kept()) == session.MAX_KEPT
            st.button(
                "Keep this digit",
                key="keep",
                type="tertiary",
                on_click=session.keep_current,
                disabled=not session.can_keep(source),
                help=f"A hand holds {session.MAX_KEPT} digits: remove one first." if full else None,
            )
    if mine is None:
        st.html(views.ghosts(hand.write(engine, np.zeros(engine.z_dim, np.float32))))
        return
    images = hand.write(engine, mine.style.mean)
    is_told = reading is not None and reading.is_familiar is not False
    chosen = reading.digit if reading and is_told else -1
    st.html(ink.row(images, chosen, "The {} in your handwriting"))


def _given() -> tuple[str, str, str]:
    """All that the first screen depends on."""
    way = current_way()
    # Streamlit forgets the pad some time after it has gone.
    pad = repr(st.session_state.get(session.PAD)) if way == "Draw" else ""
    return session.settled_mark(), way, pad


@st.fragment
def _below(engine: DigitEngine) -> None:
    """All but the first screen: a fragment that follows when the pen rests."""
    if st.session_state.get(SHOWN) != _given():
        # Something below was changed; or a change above came in the name of this fragment, as
        # Streamlit sends them where both happen in one instant.
        st.rerun()
    follow(session.settled_mark())
    source = session.settled_source()
    reading, mine = hand.consider(engine, source, session.kept())
    if mine is None:
        return
    if source is not None and source.photo is not None:
        with st.container(key="section-steps"):
            st.subheader("What was done to your picture", anchor=False)
            st.html(views.steps(source.photo))
    with st.container(key="section-hand"):
        with st.container():
            _more(mine)
        with st.container():
            _take_along(engine, source, reading, mine)
    if reading is not None:
        with st.container(key="section-posterior"):
            _posterior(engine, reading)
    with st.container(key="section-style"):
        st.subheader("The style in numbers", anchor=False)
        st.html(views.style(*style_dims(engine), mine.style))


def _more(mine: Hand) -> None:
    """Several digits make one hand."""
    st.subheader("Better with more", anchor=False)
    kept = session.kept()
    if kept:
        with st.container(key="kept", horizontal=True):
            for place, image in enumerate(kept):
                with st.container(key=f"kept-{place}", width="content"):
                    st.html(views.kept_digit(image, mine.digits[place]))
                    st.button(
                        "Remove", key=f"drop-{place}", type="tertiary",
                        on_click=session.drop, args=(place,),
                    )  # fmt: skip
    else:
        st.markdown(
            "One digit tells only part of a hand, and the model keeps to what it can expect of "
            "the others. Keep two or three, and it can tell more."
        )


def _take_along(
    engine: DigitEngine, source: Source | None, reading: Reading | None, mine: Hand
) -> None:
    """The ways out of this page."""
    st.subheader("Take it along", anchor=False)
    digit = mine.digits[-1] if reading is None else reading.digit
    with st.container(key="ways-out", horizontal=True):
        if st.button("Open in Explore"):
            _go(engine, mine, digit)
        st.download_button(
            "Save PNG",
            lambda: take_home.sheet(hand.write(engine, mine.style.mean)),
            file_name="ten-digits.png",
            mime="image/png",
            help="The ten digits as a picture",
            on_click="ignore",
        )
        if source is not None and reading is not None:
            st.download_button(
                "Save JSON",
                lambda: take_home.as_json(engine, reading, mine, source.way),
                file_name="reading.json",
                mime="application/json",
                help="The reading: digit, probabilities, style",
                on_click="ignore",
            )
    with (
        st.form("write", border=False),
        st.container(key="write-row", horizontal=True, vertical_alignment="bottom"),
    ):
        text = st.text_input(
            "Write a number in this hand", key="number", placeholder="2026", persist_state="session"
        )
        if st.form_submit_button("Write"):
            text = (text or "").strip()
            if re.fullmatch(rf"[0-9 ]{{1,{MAX_TEXT}}}", text):
                _go(engine, mine, digit, text)
            st.info(f"Digits and spaces only, {MAX_TEXT} at most.")


def _go(engine: DigitEngine, mine: Hand, digit: int, text: str = "") -> None:
    board.keep_board(engine, board.start(mine.style.mean.tolist(), digit, text))
    visit.open_explore()


def _posterior(engine: DigitEngine, reading: Reading) -> None:
    """What else the style may be, as images."""
    st.subheader("How far this digit's style is known", anchor=False)
    with st.container(key="samples"):
        samples = st.empty()
        with st.container():
            st.markdown(
                "From one digit the model infers a range of styles, not one. These are samples "
                "from it; decode them as another digit to see what the style alone holds."
            )
            choice = st.selectbox(
                "Decode as", hand.DECODE_AS, key="decode_as", persist_state="session"
            )
            st.button("Draw other samples", on_click=_resample)
        images = hand.samples(engine, reading, choice, SAMPLES, st.session_state.get(SEED, 0))
        samples.html(views.samples(images, reading, choice))


def _resample() -> None:
    st.session_state[SEED] = st.session_state.get(SEED, 0) + 1


render()
