"""Serving, in numpy alone: a loaded model that reads digits and writes them."""

from vae_model.engine.digit_engine import DigitEngine, Reading
from vae_model.engine.forward import one_hot
from vae_model.engine.writer_style import Style

__all__ = ["DigitEngine", "Reading", "Style", "one_hot"]
