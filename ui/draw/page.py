"""Draw: the model reads a digit as it is drawn, and writes all ten in the same hand."""

import re
from dataclasses import dataclass

import numpy as np
import streamlit as st

from ui.draw import hand, session, take_home, verdict, views
from ui.draw.hand import Hand
from ui.draw.pad import BadStrokes, Drawing, answered, draw_pad, follow
from ui.draw.turns import Turns
from ui.shared import access, board, frame, ink, pages, visit
from ui.shared.board import MAX_TEXT
from ui.shared.dims import style_dims
from ui.shared.drawing import WAY, WAYS, Source, current_source, current_way
from ui.shared.words import with_article
from vae_model.engine.digit_engine import DigitEngine, Floats, Reading, one_hot
from vae_model.model.config import DIGITS

SAMPLES = 8
SEED = "posterior_seed"
DECODE_AS = "decode_as"
AS_READ, SOFT = "the digit read", "its ten probabilities"
NUMBER = "number"
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
    with _turns().turn(urgent=not session.is_pen_down()), st.container(key="desk"):
        with st.container(key="given"):
            drawing = _give()
        now = _consider(engine, current_source())
        with st.container(key="verdict"):
            _verdict(now)
        with st.container(key="evidence"):
            _evidence(now)
        with st.container(key="hand"):
            _ten_digits(engine, now)
    answered(drawing, session.settled_mark())
    st.session_state[SHOWN] = _given()


@st.cache_resource(show_spinner=False)
def _turns() -> Turns:
    """Of all visitors."""
    return Turns()


@dataclass(frozen=True)
class Considered:
    """What the page shows: an image, what the model makes of it, and the hand it belongs to."""

    source: Source | None
    reading: Reading | None
    hand: Hand | None
    """Of all digits kept and this one; None where there is none."""


def _consider(engine: DigitEngine, source: Source | None) -> Considered:
    kept = session.kept()
    images = kept if source is None or session.is_kept(source) else [*kept, source.image]
    if not images:
        return Considered(source, None, None)
    mine = hand.of(engine, images)
    if source is None:
        return Considered(None, None, mine)
    place = next(i for i, image in enumerate(images) if np.array_equal(image, source.image))
    return Considered(source, mine.readings[place], mine)


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
    if not access.can_upload():
        access.say_where_to_upload()
    elif way == "Upload":
        st.file_uploader(
            "A picture of one digit, at most 40 megapixels",
            type=list(session.UPLOAD_TYPES),
            key=way,
            on_change=session.take_file,
            args=(way,),
            max_upload_size=session.MAX_UPLOAD_MB,
        )
    elif access.lends_camera():
        st.camera_input(
            "One digit in dark ink on plain paper",
            key=way,
            on_change=session.take_file,
            args=(way,),
        )
    else:
        st.info(NO_CAMERA)
    source = current_source()
    if way == "Upload" and source is not None and source.photo is not None:
        st.html(views.preview(source.photo))
    return None


def _pad() -> Drawing | None:
    start = session.pad_start(mounted=session.PAD in st.session_state)
    try:
        drawing = draw_pad(key=session.PAD, start=start, wipes=session.pad_wipes())
    except BadStrokes as problem:
        session.set_note("Draw", str(problem))
        return None
    session.take_drawing(drawing)
    return drawing


def _verdict(now: Considered) -> None:
    note = session.current_note()
    if note:
        st.info(note)
    if now.reading is not None:
        st.html(views.headline(now.reading))
    elif now.hand is not None:
        st.markdown(
            "Kept. Now write another digit the same way: what the two have in common is your hand."
        )
    elif not note:
        st.markdown(
            "The reading appears here while you draw: which digit it is, how sure the model "
            "is of it, and what the network sees of it. All ten digits follow in your hand.\n\n"
            "Or take one of the small digits under the pad, which somebody else wrote."
        )


def _evidence(now: Considered) -> None:
    if now.source is None or now.reading is None:
        return
    with st.container(key="strange" if now.reading.is_familiar is False else "plain"):
        st.plotly_chart(
            verdict.probability_bars(now.reading),
            key="probabilities",
            theme=None,
            config={"staticPlot": True},
            alt=f"Probability of each digit: {verdict.listed(now.reading)}",
        )
    st.html(views.comparison(now.source.image, now.reading))


def _ten_digits(engine: DigitEngine, now: Considered) -> None:
    """All ten digits in the visitor's hand."""
    with st.container(
        key="hand-line",
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
    ):
        st.html(views.hand_label(len(now.hand.digits) if now.hand else 0), width="content")
        if now.source is not None:
            full = len(session.kept()) >= session.MAX_KEPT
            st.button(
                "Keep this digit",
                key="keep",
                type="tertiary",
                on_click=session.keep_current,
                disabled=full or session.is_kept(now.source),
                help=f"A hand holds {session.MAX_KEPT} digits: remove one first." if full else None,
            )
    if now.hand is None:
        st.html(views.ghosts(hand.write(engine, np.zeros(engine.z_dim, np.float32))))
        return
    told = now.reading if now.reading and now.reading.is_familiar is not False else None
    chosen = told.digit if told else -1
    images = hand.write(engine, now.hand.style.mean)
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
    settled = _consider(engine, session.settled_source())
    source, reading, mine = settled.source, settled.reading, settled.hand
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
            _take_along(engine, settled, mine)
    if reading is not None:
        with st.container(key="section-posterior"):
            _posterior(engine, reading)
    with st.container(key="section-style"):
        _style(engine, mine)


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


def _take_along(engine: DigitEngine, settled: Considered, mine: Hand) -> None:
    """The ways out of this page."""
    st.subheader("Take it along", anchor=False)
    source, reading = settled.source, settled.reading
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
            "Write a number in this hand", key=NUMBER, placeholder="2026", persist_state="session"
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
                "Decode as",
                [AS_READ, SOFT, *(str(digit) for digit in range(DIGITS))],
                key=DECODE_AS,
                persist_state="session",
            )
            st.button("Draw other samples", on_click=_resample)
        digit_probs, what = _digit_dims(choice, reading)
        seed = int(st.session_state.get(SEED, 0))
        images = hand.samples(engine, reading, digit_probs, SAMPLES, seed)
        samples.html(views.samples(images, what))


def _digit_dims(choice: str | None, reading: Reading) -> tuple[Floats, str]:
    if choice == SOFT:
        return reading.digit_probs, "decoded with the ten probabilities"
    digit = int(choice) if choice and choice.isdigit() else reading.digit
    return one_hot([digit])[0], with_article(digit)


def _resample() -> None:
    st.session_state[SEED] = int(st.session_state.get(SEED, 0)) + 1


def _style(engine: DigitEngine, mine: Hand) -> None:
    """The style in numbers."""
    awake, asleep = style_dims(engine)
    st.subheader("The style in numbers", anchor=False)
    st.html(views.style_rows(awake, mine.style))
    rest = f" {len(asleep)} more dims say next to nothing and stay near 0 ± 1." if asleep else ""
    st.html(
        '<p class="quiet">Mean ± standard deviation of what this hand writes next; over all '
        f"writers each dim is 0 ± 1.{rest}</p>"
    )


render()
