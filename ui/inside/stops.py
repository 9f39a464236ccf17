"""The eight stops of an image's way: what happens there in words, as a formula and in numbers.

Every figure comes from the walk; the words, in texts.toml, hold for every model there can be.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
from markupsafe import Markup

from ui.inside import walk
from ui.inside.parts import Symbol, cells, compared, dims, hidden, network, power, priced, sub
from ui.inside.walk import Walk
from ui.shared.parts import bar, figure, framed, group, joined, output, paragraph, pixels
from ui.shared.tables import table
from ui.shared.words import counted, plain, share, signed, with_article
from vae_model.engine.digit_engine import one_hot
from vae_model.model.config import DIGITS, is_penalised

DRAWS = 5
"""Draws of ε that the last stop compares: the one at hand, none, and others."""
OTHER_SEED = 10**6
"""Of the others: far from those that a visitor gets by drawing again."""
TEXTS: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("texts.toml").read_text("utf-8")
)


@dataclass(frozen=True)
class Stop:
    """What the page shows at one stop."""

    title: str
    words: str
    """Two or three sentences in Markdown."""
    formulas: tuple[str, ...]
    """In LaTeX, one a line."""
    symbols: Sequence[Symbol]
    view: Markup
    """The numbers themselves, as HTML."""


def _stop(name: str, symbols: Sequence[Symbol], view: Markup, **filled: object) -> Stop:
    """With what its texts say, and what is filled in there."""
    text = TEXTS[name]
    words, *formulas = (
        " ".join(Template(each).substitute(filled).split())
        for each in (text["words"], *text["formulas"])
    )
    return Stop(text["title"], words, tuple(formulas), symbols, view)


def _image(now: Walk) -> Stop:
    patch = joined(
        Markup('<span style="--ink-share:{:.0f}%">{:.2f}</span>').format(35 * ink, ink)
        for ink in now.image[10:18, 10:18].ravel().tolist()
    )
    image = pixels(now.image, "The image in 28 by 28 pixels") + Markup('<i class="window"></i>')
    return _stop(
        "Image",
        (
            ("x", "the image, 28 × 28 in a line", "784 numbers"),
            (sub("Σ x", "j"), "all its ink, in full pixels", plain(float(now.image.sum()), 1)),
            (sub("x", "j") + " = 0", "pixels of bare paper", f"{(now.image == 0).sum()} of 784"),
        ),
        group(
            "patch",
            framed(image, "The image x"),
            figure(group("cells", patch), "The 8 × 8 numbers in its middle"),
        ),
    )


def _digit(now: Walk) -> Stop:
    calibration = now.engine.checkpoint.calibration
    activation, bends = TEXTS["activations"][now.engine.checkpoint.model.activation]
    logits, read = now.seen.digit_logits[0], now.read
    tempered: tuple[Symbol, ...] = ()
    if calibration:
        stated = share(float(now.engine.read(now.image).digit_probs[read]))
        tempered = (
            ("T", "by which the Draw page divides ℓ, lest it claim too much or too little",
             f"{calibration.temperature:.3f}"),
            (sub("p", read), "the probability that it then shows", stated),
        )  # fmt: skip
    row = Markup('<div class="prob {}"><span>{}</span>{}{}{}</div>')
    rows = [row.format("head", "k", output("ℓ"), Markup("<span></span>"), output("y"))]
    rows += [
        row.format(
            "chosen" if k == read else "", k, output(plain(logit)), bar(prob), output(share(prob))
        )
        for k, (logit, prob) in enumerate(zip(logits.tolist(), now.probs.tolist(), strict=True))
    ]
    return _stop(
        "Digit",
        (
            *network(now, "classifier"),
            (sub("ℓ", read), f"the number for digit {read}", plain(float(logits[read]))),
            (
                sub("y", read),
                f"the probability of {with_article(read)}",
                share(float(now.probs[read])),
            ),
            *tempered,
        ),
        hidden(now.seen.digit_hidden) + group("probs", *rows),
        activation=activation,
        bends=bends,
    )


def _encoder(now: Walk) -> Stop:
    model = now.engine.checkpoint.model
    if model.encoder_sees_digit:
        seen = ("[x, y]", "image and probabilities in one line", "784 + 10 numbers")
    else:
        seen = ("x", "the image in a line", "784 numbers")
    return _stop(
        "Encoder",
        (seen, *network(now, "encoder")),
        hidden(now.seen.style_hidden),
        activation=TEXTS["activations"][model.activation][0],
        **TEXTS["Encoder"]["told" if model.encoder_sees_digit else "untold"],
    )


def _style(now: Walk) -> Stop:
    first = (now.awake or now.asleep)[0]
    mean, std = now.mean.tolist(), now.std.tolist()
    ranges = [f"{signed(each)} ± {width:.2f}" for each, width in zip(mean, std, strict=True)]
    return _stop(
        "μ and σ",
        (
            ("μ, s", "what the last layer gives, a pair for each dim", f"2 × {now.engine.z_dim}"),
            (f"μ of {first.name}", "its middle", signed(mean[first.dim])),
            (f"s of {first.name}", "the logarithm of its variance",
             signed(float(now.seen.log_variance[0, first.dim]))),
            (f"σ of {first.name}", "its width", f"{std[first.dim]:.3f}"),
        ),
        dims(now, ["μ ± σ"], ranges),
        least=power(now.engine.checkpoint.model.min_variance),
    )  # fmt: skip


def _draw(now: Walk) -> Stop:
    first = (now.awake or now.asleep)[0]
    drawn = (now.noise, now.style)
    mean, std, noise, style = (float(each[first.dim]) for each in (now.mean, now.std, *drawn))
    return _stop(
        "Draw",
        (
            ("ε", "noise, one number for each dim", counted(now.engine.z_dim, "number")),
            (f"ε of {first.name}", "its noise now", signed(noise, 3)),
            (f"z of {first.name}", "the style that is drawn", signed(style, 3)),
        ),
        dims(now, ["ε", "z"], *([signed(float(v)) for v in each] for each in drawn), drawn=True),
        z=f"{style:z.3f}", mean=f"{mean:z.4f}", std=f"{std:.4f}", noise=f"{noise:z.4f}",
    )  # fmt: skip


def _join(now: Walk) -> Stop:
    names = {each.dim: each.name for each in now.awake}
    z_dim = now.engine.z_dim
    z_names = [names.get(dim, "asleep") for dim in range(z_dim)]
    most = max(float(np.abs(now.style).max()), 1.0)
    return _stop(
        "Join",
        (
            ("z", "the style that was drawn", counted(z_dim, "number")),
            ("y", "the digit dims, which sum to 1", "10 numbers"),
            ("[z, y]", "both in one line", f"{z_dim + DIGITS} numbers"),
        ),
        paragraph("label", "z, the style")
        + cells("list", z_names, now.style, most)
        + paragraph("label", "y, the digit")
        + cells("list short", map(str, range(DIGITS)), now.digit_dims, 1.0),
        how=TEXTS["Join"]["how"][now.engine.checkpoint.train.decoder_condition],
        dims=z_dim,
    )


def _decoder(now: Walk) -> Stop:
    darkest = int(np.argmax(now.made))
    return _stop(
        "Decoder",
        (
            *network(now, "decoder"),
            (sub("a", "j"), f"at its darkest pixel, number {darkest + 1}",
             signed(float(now.written.logits[0, darkest]))),
            (sub("x̂", "j"), "the ink there", f"{now.made.max():.3f}"),
        ),
        hidden(now.written.hidden) + compared(now.image, now.made),
    )  # fmt: skip


def _loss(now: Walk) -> Stop:
    model, train = now.engine.checkpoint.model, now.engine.checkpoint.train
    digits = walk.others(now, np.tile(now.style, (DIGITS, 1)), one_hot(list(range(DIGITS))))
    noise = [now.noise, 0 * now.noise, *walk.draw(now.engine, OTHER_SEED, DRAWS - 2)]
    draws = walk.others(now, now.mean + now.std * noise, np.tile(now.digit_dims, (DRAWS, 1)))
    bernoulli = model.likelihood == "bernoulli"
    spread = ("τ", "spread allowed for a pixel", f"{model.likelihood_std:g}")
    kl = now.kl_per_dim
    dearest = max([*now.awake, *now.asleep], key=lambda each: float(kl[each.dim]))
    terms = (
        ("R", "reconstruction", now.recon_nll, 1.0),
        ("KL", "style", float(kl.sum()), train.beta),
        ("C", "classification", now.cross_entropy, train.classification_weight),
    )
    costs = [
        (name, meaning, _nats(cost), f"× {weight:g}", _nats(cost * weight))
        for name, meaning, cost, weight in terms
    ]
    total = plain(sum(cost * weight for *_, cost, weight in terms))
    right = "right digit" if now.has_label else "digit read: a drawing has no label"
    return _stop(
        "Loss",
        (
            *([] if bernoulli else [spread]),
            ("β", "weight of the KL at the end of training", f"{train.beta:g}"),
            ("w", "weight of the classification", f"{train.classification_weight:g}"),
            (sub("KL", "i"), f"the dearest dim: {dearest.name}", f"{plain(float(kl.max()))} nats"),
            (sub("y", now.label), f"probability of the {right}",
             share(float(now.probs[now.label]))),
        ),
        table("terms", [*costs, ("L", "R + KL + C, each with its weight", "", "", total)])
        + paragraph("label", "R, were y one plain digit and z the same; KL would not change")
        + priced(*digits, [str(k) for k in range(DIGITS)])
        + paragraph("label", "R by the draw of ε: this one, none, and three others")
        + priced(*draws, ["now", "ε = 0", *["other"] * (DRAWS - 2)]),
        recon=TEXTS["Loss"]["recon"][model.likelihood],
        label=now.label,
        penalties=TEXTS["Loss"]["penalties"] if is_penalised(train) else "",
    )  # fmt: skip


def _nats(value: float) -> str:
    return "< 0.01" if 0 < value < 0.005 else plain(value)


STOPS = {
    "Image": _image,
    "Digit": _digit,
    "Encoder": _encoder,
    "μ and σ": _style,
    "Draw": _draw,
    "Join": _join,
    "Decoder": _decoder,
    "Loss": _loss,
}
"""By name, in the order of the way."""
NAMES = tuple(STOPS)
