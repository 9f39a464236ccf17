"""How sure a reading is: as bars, as text, and in a plain sentence."""

from typing import Any

from ui.shared.words import percent_text, with_article
from vae_model.engine.digit_engine import Reading


def probability_bars(reading: Reading) -> dict[str, Any]:
    """The ten probabilities of a reading as a Plotly figure: the digit that was read, then the
    others.

    Two traces without colours: the pages' styles paint them, so that they follow the theme at once.
    Whole percents: Plotly takes as long to redraw as all else on the page, and need not where
    nothing can be seen to have changed.
    """
    digits = range(len(reading.digit_probs))
    others = [digit for digit in digits if digit != reading.digit]
    axis = {
        "fixedrange": True, "showgrid": False, "zeroline": False, "title": None,
        "automargin": False, "ticks": "",
    }  # fmt: skip
    categories = {
        "type": "category", "range": [-0.75, len(digits) - 0.25], "categoryorder": "array",
        "categoryarray": [str(digit) for digit in digits],
    }  # fmt: skip
    return {
        "data": [_bars(reading, [reading.digit]), _bars(reading, others)],
        "layout": {
            "height": 148,
            # The label of the first or the last bar is wider than the bar.
            "margin": {"l": 8, "r": 8, "t": 22, "b": 24},
            "bargap": 0.3,
            "barmode": "overlay",
            "font": {"family": "Source Sans, sans-serif", "size": 12},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "showlegend": False,
            "dragmode": False,
            "hovermode": False,
            "xaxis": {**axis, **categories},
            "yaxis": {**axis, "range": [0, 100], "visible": False},
        },
    }


def _bars(reading: Reading, digits: list[int]) -> dict[str, Any]:
    shares = [float(reading.digit_probs[digit]) for digit in digits]
    return {
        "type": "bar",
        "x": [str(digit) for digit in digits],
        "y": [round(100 * share) for share in shares],
        "marker": {"line": {"width": 0}, "cornerradius": 2},
        "text": [percent_text(share) if share >= 0.01 else "" for share in shares],
        "textposition": "outside",
        "textangle": 0,
        "constraintext": "none",
        "cliponaxis": False,
    }


def listed(reading: Reading) -> str:
    """The ten probabilities as text, for those who do not see the bars."""
    shares = (percent_text(float(prob)) for prob in reading.digit_probs)
    return ", ".join(f"{digit}: {share}" for digit, share in enumerate(shares))


def how_sure(reading: Reading) -> str:
    """A plain sentence on how certain the reading is; of what looks like no digit, that it does."""
    share = float(reading.digit_probs[reading.digit])
    second = int(reading.digit_probs.argsort()[-2])
    first, other = (
        percent_text(float(reading.digit_probs[digit])) for digit in (reading.digit, second)
    )
    a_first, a_second = with_article(reading.digit), with_article(second)
    if reading.is_familiar is False:
        return (
            "This looks unlike the digits the model knows. If it is one, then perhaps "
            f"{a_first} ({first})."
        )
    if share > 0.95:
        return f"The model is sure that this is {a_first} ({first})."
    if share > 0.75:
        return f"Most likely {a_first} ({first}); {a_second} comes next with {other}."
    if share > 0.5:
        return f"Perhaps {a_first} ({first}), but it might be {a_second} ({other})."
    return (
        f"The model cannot tell: {a_first} ({first}) or {a_second} ({other})? Try a clearer stroke."
    )
