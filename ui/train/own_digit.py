"""The visitor's own digit through a training: what each epoch's weights read in it and make of it,
in one row, and as a film to keep."""

import html
import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw, ImageFont

from ui.shared import ink, loading
from ui.shared.drawing import current_source
from ui.shared.loading import Stamp
from ui.shared.pages import DRAW
from ui.shared.words import percent_text
from vae_model.engine.digit_engine import DigitEngine, Floats, Reading
from vae_model.model.checkpoint import CheckpointError
from vae_model.runs.run import Run

MAX_FRAMES = 16
"""Of the row and the film: each costs its first visitor the loading of a model."""
SCALE = 8
"""Of the film's pictures."""
CAPTION = 36
"""Pixels under the film's pictures."""
FRAME_MS, REST_MS = 300, 1500
_GREYS = 16


@dataclass(frozen=True, eq=False)
class Frame:
    """What the weights after one epoch make of the digit."""

    number: int
    """Of the epoch, counted from 1."""
    digit: int
    """What they read."""
    share: float
    """How surely, in [0, 1]."""
    image: Floats
    """Their redrawing, (28, 28) in [0, 1]."""


def show(run: Run, number: int) -> None:
    """The digit after the epoch that is looked at, then after every one."""
    source = current_source()
    st.subheader(f"Your drawing after epoch {number}", anchor=False)
    if source is None:
        st.markdown("Draw a digit, and see here what each epoch makes of it.")
        st.page_link(DRAW.file, label="Draw a digit →")
        return
    near = min(run.kept_epochs, key=lambda kept: abs(kept - number), default=number)
    frame = _frame(run, near, source.image)
    if frame is None:
        st.caption("The model of this epoch is not there any more.")
        return
    if near != number:
        st.caption(
            f"This run was imported without the weights of epoch {number}: shown is epoch {near}."
        )
    st.html(_pair(source.image, frame))
    frames = [each for n in evenly(run.kept_epochs) if (each := _frame(run, n, source.image))]
    if len(frames) < 2:
        return
    all_of_them = len(frames) == len(run.epochs)
    which = "each epoch" if all_of_them else f"{len(frames)} of {len(run.epochs)} epochs"
    st.html(
        f'<p class="quiet">Its redrawing after {which}, and the digit that was read in it</p>'
        + row(frames, near)
    )
    st.download_button(
        "Save as GIF",
        lambda: film(source.image, frames),
        file_name=f"{run.name} your drawing.gif",
        mime="image/gif",
        key=f"own-film-{run.id}",
        on_click="ignore",
    )


def row(frames: list[Frame], chosen: int) -> str:
    """One small redrawing for each frame, with the epoch's number and what was read."""
    cells = [
        f'<figure class="{"chosen" if frame.number == chosen else ""}">'
        + str(ink.picture(frame.image, f"Your drawing redrawn after epoch {frame.number}", scale=4))
        + f"<figcaption>{frame.number}<b>{frame.digit}</b></figcaption></figure>"
        for frame in frames
    ]
    return f'<div class="own-row">{"".join(cells)}</div>'


def film(image: Floats, frames: list[Frame]) -> bytes:
    """The digit, (28, 28) in [0, 1], beside its redrawing by one epoch after another, as a GIF in
    black ink on white that goes on for ever."""
    last = frames[-1].number
    sheets = [_sheet(image, frame, last) for frame in frames]
    target = io.BytesIO()
    sheets[0].save(
        target,
        "GIF",
        save_all=True,
        append_images=sheets[1:],
        duration=[FRAME_MS] * (len(sheets) - 1) + [REST_MS],
        loop=0,
    )
    return target.getvalue()


def _frame(run: Run, number: int, image: Floats) -> Frame | None:
    path = run.epoch_model(number)
    seen = reading(path, loading.stamp(path), image.tobytes())
    if seen is None:
        return None
    return Frame(number, seen.digit, float(seen.digit_probs.max()), seen.reconstruction)


def evenly(numbers: list[int]) -> list[int]:
    """At most MAX_FRAMES of the epochs, the first and the last among them. Every second, third, …
    one: those that are shown stay while the next epochs arrive."""
    step = 1
    while len(numbers[:-1:step]) + 1 > MAX_FRAMES:
        step += 1
    return [*numbers[:-1:step], *numbers[-1:]]


def _pair(image: Floats, frame: Frame) -> str:
    seen = ink.picture(image, "Your digit in 28 by 28 pixels", scale=8, look="pixels")
    made = ink.picture(frame.image, "This epoch's redrawing", scale=8, look="pixels")
    share = html.escape(percent_text(frame.share))
    return (
        f'<div class="pair"><figure>{seen}<figcaption>Your digit</figcaption></figure>'
        f"<figure>{made}<figcaption>Read as <b>{frame.digit}</b> ({share})"
        "</figcaption></figure></div>"
    )


def _sheet(image: Floats, frame: Frame, last: int) -> Image.Image:
    side = image.shape[0] * SCALE
    sheet = Image.new("L", (2 * side, side + CAPTION), 255)
    for left, each in ((0, image), (side, frame.image)):
        with Image.open(io.BytesIO(ink.mask(each, SCALE, "ink"))) as picture:
            opacity = picture.convert("RGBA").getchannel("A")
        sheet.paste(0, (left, 0), opacity)
    share = percent_text(frame.share)
    ImageDraw.Draw(sheet).text(
        (side, side + CAPTION / 2),
        f"epoch {frame.number} of {last}: read as {frame.digit} ({share})",
        fill=0,
        font=ImageFont.load_default(18),
        anchor="mm",
    )
    return sheet.quantize(_GREYS)


@lru_cache(maxsize=512)
def reading(path: Path, stamp: Stamp, image: bytes) -> Reading | None:
    """What the model in a folder reads in an image, 28 by 28 float32 as bytes; None where there is
    no model. Its engine is not kept: a run has one for every epoch."""
    try:
        return DigitEngine.load(path).read(np.frombuffer(image, np.float32).reshape(28, 28))
    except CheckpointError:
        return None
