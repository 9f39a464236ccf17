"""The visitor's own digit through a training: what each epoch's weights read in it and make of it,
in one row, and as a film to keep."""

import io
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st
from markupsafe import Markup
from PIL import Image, ImageDraw, ImageFont

from ui.shared import ink, shelf
from ui.shared.drawing import current_image
from ui.shared.pages import DRAW
from ui.shared.parts import figure, group, paragraph, pixels
from ui.shared.words import share
from ui.train.epochs.payload import thin
from vae_model.engine.digit_engine import DigitEngine, Floats, Reading
from vae_model.model.checkpoint import CheckpointError
from vae_model.runs.run import Run

MAX_FRAMES = 16
"""Of the row and the film: each costs its first visitor the loading of a model."""
SCALE = 8
"""Of the film's pictures."""
CAPTION = 36
"""Pixels under the film's pictures."""


def show(run: Run, number: int) -> None:
    """The digit after the epoch that is looked at, then after every one."""
    image = current_image()
    st.header(f"Your drawing after epoch {number}", anchor=False)
    if image is None:
        st.markdown("Draw a digit, and see here what each epoch makes of it.")
        st.page_link(DRAW.file, label="Draw a digit →")
        return
    near = min(run.kept_epochs, key=lambda kept: abs(kept - number), default=number)
    reading = _reading(run, near, image)
    if reading is None:
        st.caption("The model of this epoch is not there any more.")
        return
    if near != number:
        st.caption(
            f"This run was imported without the weights of epoch {number}: shown is epoch {near}."
        )
    given = figure(pixels(image, "Your digit in 28 by 28 pixels"), "Your digit")
    said = Markup("Read as <b>{}</b> ({})").format(reading.digit, _sureness(reading))
    made = figure(pixels(reading.reconstruction, "This epoch's redrawing"), said)
    st.html(group("pair", given, made))
    found = {n: _reading(run, n, image) for n in thin(run.kept_epochs, MAX_FRAMES)}
    readings = {n: each for n, each in found.items() if each}
    if len(readings) < 2:
        return
    all_of_them = len(readings) == len(run.epochs)
    which = "each epoch" if all_of_them else f"{len(readings)} of {len(run.epochs)} epochs"
    title = f"Its redrawing after {which}, and the digit that was read in it"
    st.html(paragraph("quiet", title) + row(readings, near))
    st.download_button(
        "Save as GIF",
        lambda: film(image, readings),
        file_name=f"{run.name} your drawing.gif",
        mime="image/gif",
        key=f"own-film-{run.id}",
        on_click="ignore",
    )


def row(readings: Mapping[int, Reading], chosen: int) -> Markup:
    """One small redrawing for each epoch, by its number, and what was read."""
    cells = [
        figure(
            ink.picture(reading.reconstruction, f"Your drawing redrawn after epoch {n}", scale=4),
            Markup("{}<b>{}</b>").format(n, reading.digit),
            "chosen" if n == chosen else "",
        )
        for n, reading in readings.items()
    ]
    return group("own-row", *cells)


def film(image: Floats, readings: Mapping[int, Reading]) -> bytes:
    """The digit, (28, 28) in [0, 1], beside its redrawing by one epoch after another, as a GIF in
    black ink on white that goes on for ever."""
    last = max(readings)
    first, *others = (
        _sheet(image, reading, f"epoch {number} of {last}") for number, reading in readings.items()
    )
    target = io.BytesIO()
    durations = [300] * len(others) + [1500]  # milliseconds
    first.save(target, "GIF", save_all=True, append_images=others, duration=durations, loop=0)
    return target.getvalue()


def _sheet(image: Floats, reading: Reading, epoch: str) -> Image.Image:
    side = image.shape[0] * SCALE
    sheet = Image.new("L", (2 * side, side + CAPTION), 255)
    for left, each in ((0, image), (side, reading.reconstruction)):
        opacity = np.rint(255 * ink.opacity(each, SCALE, "ink")).astype(np.uint8)
        sheet.paste(0, (left, 0), Image.fromarray(opacity))
    ImageDraw.Draw(sheet).text(
        (side, side + CAPTION / 2),
        f"{epoch}: read as {reading.digit} ({_sureness(reading)})",
        fill=0,
        font=ImageFont.load_default(18),
        anchor="mm",
    )
    return sheet.quantize(16)


def _sureness(reading: Reading) -> str:
    return share(float(reading.digit_probs.max()))


def _reading(run: Run, number: int, image: Floats) -> Reading | None:
    path = run.epoch_model(number)
    return _cached_reading(path, shelf.stamp(path), image.tobytes())


@lru_cache(maxsize=512)
def _cached_reading(path: Path, stamp: shelf.Stamp, image: bytes) -> Reading | None:
    """What the model in a folder reads in an image, 28 by 28 float32 as bytes; None where there is
    no model. Its engine is not kept: a run has one for every epoch."""
    try:
        return DigitEngine.load(path).read(np.frombuffer(image, np.float32).reshape(28, 28))
    except CheckpointError:
        return None
