"""The eight stops of an image's way: what happens there in words, as a formula and in numbers.

Every figure comes from the walk; the words hold for every model that can be configured.
"""

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ui.inside import walk
from ui.inside.parts import (
    Symbol,
    asleep_line,
    cell,
    count,
    dim_row,
    figure,
    hidden,
    nats,
    pixels,
    power,
    priced,
    scale_head,
    tempered,
    widths,
)
from ui.inside.walk import Walk
from ui.shared import ink
from ui.shared.dims import StyleDim
from ui.shared.words import plain, share, signed
from vae_model.model.config import DIGITS

NAMES = ("Image", "Digit", "Encoder", "μ and σ", "Draw", "Join", "Decoder", "Loss")
DRAWS = 5
"""Draws of ε that the last stop compares: the one at hand, none, and others."""
OTHER_SEED = 10**6
"""Of the others: far from those that a visitor gets by drawing again."""
ACTIVATION = {
    "sigmoid": r"f(a)=\frac{1}{1+e^{-a}}",
    "tanh": r"f(a)=\tanh a",
    "relu": r"f(a)=\max(a,0)",
    "silu": r"f(a)=\frac{a}{1+e^{-a}}",
    "gelu": r"f(a)=a\,\Phi(a)",
}
BENDS = {
    "sigmoid": "squeezes any number into 0 to 1",
    "tanh": "squeezes any number into −1 to 1",
    "relu": "cuts off what is below 0",
    "silu": "lets large numbers pass and holds negative ones near 0",
    "gelu": "lets large numbers pass and holds negative ones near 0; Φ is the share of a standard "
    "normal distribution below a",
}


@dataclass(frozen=True)
class Stop:
    """What the page shows at one stop."""

    title: str
    words: str
    """Two or three sentences in Markdown."""
    formulas: tuple[str, ...]
    """In LaTeX, one a line."""
    symbols: tuple[Symbol, ...]
    view: str
    """The numbers themselves, as HTML."""


def stop(number: int, now: Walk, awake: Sequence[StyleDim], asleep: Sequence[StyleDim]) -> Stop:
    """One of the eight, counted from 0, with the style dims in the order to show them in."""
    return STOPS[number](now, awake, asleep)


def _image(now: Walk, _: Sequence[StyleDim], __: Sequence[StyleDim]) -> Stop:
    image = now.image
    dark = image.sum()
    patch = image[10:18, 10:18]
    cells = "".join(
        f'<span style="--ink-share:{35 * float(v):.0f}%">{float(v):.2f}</span>'
        for v in patch.ravel()
    )
    return Stop(
        "An image is 784 numbers",
        "Each of 28 × 28 pixels holds how much ink it has: 0 is bare paper, 1 is full ink. The "
        "networks know nothing of up, down or beside: they get all rows one after another, as one "
        "long list.",
        (r"x=(x_1,\dots,x_{784}),\qquad 0\le x_j\le 1",),
        (
            ("x", "the image, 28 × 28 in a line", "784 numbers"),
            ("Σ x<sub>j</sub>", "all its ink, in full pixels", plain(dark, 1)),
            ("x<sub>j</sub> = 0", "pixels of bare paper", f"{int((image == 0).sum())} of 784"),
        ),
        '<div class="patch"><figure><div class="framed">'
        + str(ink.picture(image, "The image in 28 by 28 pixels", scale=8, look="pixels"))
        + '<i class="window"></i></div><figcaption>The image x</figcaption></figure>'
        f'<figure><div class="cells">{cells}</div>'
        "<figcaption>The 8 × 8 numbers in its middle</figcaption></figure></div>",
    )


def _digit(now: Walk, _: Sequence[StyleDim], __: Sequence[StyleDim]) -> Stop:
    model = now.engine.checkpoint.model
    logits, probs = now.seen.digit_logits[0], now.seen.digit_probs[0]
    read = now.read
    rows = "".join(
        f'<div class="prob {"chosen" if digit == read else ""}"><span>{digit}</span>'
        f"<output>{plain(float(logits[digit]))}</output>"
        f'<div class="bar"><i style="width:{100 * float(probs[digit]):.1f}%"></i></div>'
        f"<output>{share(float(probs[digit]))}</output></div>"
        for digit in range(DIGITS)
    )
    return Stop(
        "The classifier says which digit it is",
        "A unit of a hidden layer adds up all its inputs, each times a weight that training found, "
        f"and bends the sum: *f* {BENDS[model.activation]}. The last layer gives one number for "
        "each digit, ℓ. The softmax turns the ten into shares that sum to 1.",
        (
            r"h=f(Wx+b),\quad " + ACTIVATION[model.activation],
            r"y_k=\frac{e^{\ell_k}}{\sum_{j=0}^{9}e^{\ell_j}}",
        ),
        (
            ("W, b", "weights and offsets, fixed after training", count(now, "classifier")),
            ("h", "the hidden layers, each on the one before", widths(model.classifier_hidden)),
            (f"ℓ<sub>{read}</sub>", f"the number for digit {read}", plain(float(logits[read]))),
            (f"y<sub>{read}</sub>", f"the probability of a {read}", share(float(probs[read]))),
            *tempered(now),
        ),
        hidden(now.seen.digit_hidden)
        + f'<div class="probs"><div class="prob head"><span>k</span><output>ℓ</output><span></span>'
        f"<output>y</output></div>{rows}</div>",
    )


def _encoder(now: Walk, _: Sequence[StyleDim], __: Sequence[StyleDim]) -> Stop:
    model = now.engine.checkpoint.model
    if model.encoder_sees_digit:
        words = (
            "A second network asks how the digit is written. It sees the image and the ten "
            "probabilities: told which digit it is, it need not find room for that in the style. "
            "Kingma and others used such an encoder in 2014."
        )
        formula, inputs = r"h=f\big(W\,[x,y]+b\big)", "784 + 10 numbers"
        name, meaning = "[x, y]", "image and probabilities in one line"
    else:
        words = (
            "A second network asks how the digit is written. It sees the image alone: nobody tells "
            "it which digit that is, and nothing in it forbids to write the digit into the style."
        )
        formula, inputs = r"h=f(Wx+b)", "784 numbers"
        name, meaning = "x", "the image in a line"
    return Stop(
        "The encoder asks how it is written",
        words + " Each cell below is one hidden unit, the darker the further from 0.",
        (formula + r",\quad " + ACTIVATION[model.activation],),
        (
            (name, meaning, inputs),
            ("W, b", "weights and offsets, fixed after training", count(now, "encoder")),
            ("h", "the hidden layers", widths(model.encoder_hidden)),
        ),
        hidden(now.seen.style_hidden),
    )


def _style(now: Walk, awake: Sequence[StyleDim], asleep: Sequence[StyleDim]) -> Stop:
    first = awake[0] if awake else asleep[0]
    dim = first.dim
    log_variance = float(now.seen.log_variance[0, dim])
    least = now.engine.checkpoint.model.min_variance
    rows = "".join(
        dim_row(each, now, f"{signed(float(now.mean[each.dim]))} ± {float(now.std[each.dim]):.2f}")
        for each in awake
    )
    name = html.escape(first.name)
    return Stop(
        "The answer is a range, not a point",
        "For each style dim the encoder gives a middle μ and a width σ: a Gaussian, the posterior "
        "*q(z|x)*. A narrow one says that this image shows this dim clearly. With μ = 0 and σ = 1 "
        "the image would say nothing: that is the prior, what is known of a style before any image "
        "is seen.",
        (r"q(z\mid x)=\mathcal N\big(\mu,\sigma^2\big),\qquad \sigma=\sqrt{e^{s}+" + power(least)
         + "}",),
        (
            ("μ, s", "what the last layer gives, a pair for each dim", f"2 × {now.engine.z_dim}"),
            (f"μ of {name}", "its middle", signed(float(now.mean[dim]))),
            (f"s of {name}", "the logarithm of its variance", signed(log_variance)),
            (f"σ of {name}", "its width", f"{float(now.std[dim]):.3f}"),
        ),
        f'<div class="rows">{scale_head("μ ± σ")}{rows}</div>{asleep_line(now, asleep)}',
    )  # fmt: skip


def _draw(now: Walk, awake: Sequence[StyleDim], asleep: Sequence[StyleDim]) -> Stop:
    dim = (awake[0] if awake else asleep[0]).dim
    name = html.escape((awake[0] if awake else asleep[0]).name)
    rows = "".join(
        dim_row(
            each,
            now,
            f"{signed(float(now.noise[each.dim]))}</output><output>"
            f"{signed(float(now.style[each.dim]))}",
            marked=True,
        )
        for each in awake
    )
    mean, std, noise, style = (
        float(values[dim]) for values in (now.mean, now.std, now.noise, now.style)
    )
    return Stop(
        "One style is drawn from the range",
        "The decoder gets one style, not a range: chance picks it. So styles near one another must "
        "all decode to images like this one, and the space between digits fills up. Written as "
        "μ + σ·ε the chance sits in ε alone, and training can follow how the loss changes with μ "
        "and σ: the reparameterisation trick of Kingma and Welling (2013).",
        (r"z=\mu+\sigma\,\varepsilon,\qquad \varepsilon\sim\mathcal N(0,1)",
         rf"{style:z.3f}={mean:z.4f}+{std:.4f}\cdot({noise:z.4f})"),
        (
            ("ε", "noise, one number for each dim", f"{now.engine.z_dim} numbers"),
            (f"ε of {name}", "its noise now", signed(noise, 3)),
            (f"z of {name}", "the style that is drawn", signed(style, 3)),
        ),
        f'<div class="rows two">{scale_head("ε</output><output>z")}{rows}</div>'
        + asleep_line(now, asleep),
    )  # fmt: skip


def _join(now: Walk, awake: Sequence[StyleDim], asleep: Sequence[StyleDim]) -> Stop:
    most = max(float(np.abs(now.style).max()), 1.0)
    dims = sorted([*awake, *asleep], key=lambda each: each.dim)
    z_cells = "".join(
        cell(html.escape(each.name) if each in awake else "asleep", now.style[each.dim], most)
        for each in dims
    )
    y_cells = "".join(cell(str(k), now.digit_dims[k], 1.0) for k in range(DIGITS))
    if now.engine.checkpoint.train.decoder_condition == "softmax":
        how = (
            "While this model learnt, y was the classifier's ten probabilities. That leaves a "
            "leak: a little doubt between two digits can carry style, and costs no KL."
        )
    else:
        how = (
            "While this model learnt, y was the true digit: a 1 and nine zeros. No style fits "
            "through that."
        )
    return Stop(
        "Style and digit side by side",
        "This short list is all that the decoder will see. z says how to write, y says what. "
        f"Choose another digit for y: z stays as it is. {how}",
        (rf"[z,y]=(z_1,\dots,z_{{{now.engine.z_dim}}},\;y_0,\dots,y_9)",),
        (
            ("z", "the style that was drawn", f"{now.engine.z_dim} numbers"),
            ("y", "the digit dims, which sum to 1", "10 numbers"),
            ("[z, y]", "both in one line", f"{now.engine.z_dim + DIGITS} numbers"),
        ),
        f'<p class="label">z, the style</p><div class="list">{z_cells}</div>'
        f'<p class="label">y, the digit</p><div class="list short">{y_cells}</div>',
    )


def _decoder(now: Walk, _: Sequence[StyleDim], __: Sequence[StyleDim]) -> Stop:
    model = now.engine.checkpoint.model
    centre = int(np.argmax(now.made))
    logit = float(now.written.logits[0, centre])
    off = now.made - now.image
    return Stop(
        "The decoder writes it",
        "The same kind of layers, the other way round: few numbers in, 784 out. The last layer "
        "gives each pixel a number *a*, and the sigmoid makes it ink between 0 and 1. What differs "
        "from the image given is what the style could not hold.",
        (r"h=f\big(W\,[z,y]+b\big),\qquad \hat x_j=\frac{1}{1+e^{-a_j}}",),
        (
            ("W, b", "weights and offsets, fixed after training", count(now, "decoder")),
            ("h", "the hidden layers", widths(model.decoder_hidden)),
            ("a<sub>j</sub>", f"at its darkest pixel, number {centre + 1}", signed(logit)),
            ("x̂<sub>j</sub>", "the ink there", f"{float(now.made.flat[centre]):.3f}"),
        ),
        hidden(now.written.hidden)
        + '<div class="trio">'
        + figure(pixels(now.image, "The image given"), "x, given")
        + figure(pixels(now.made, "The image that came out"), "x̂, written")
        + figure(
            '<div class="stack">'
            + pixels(np.maximum(off, 0), "Ink that only x̂ has", "plus")
            + pixels(np.maximum(-off, 0), "Ink that only x has", "minus")
            + "</div>",
            '<i class="plus"></i> too much &ensp;<i class="minus"></i> too little',
        )
        + "</div>",
    )


def _loss(now: Walk, awake: Sequence[StyleDim], asleep: Sequence[StyleDim]) -> Stop:
    model, terms = now.engine.checkpoint.model, now.terms
    digits = walk.as_other_digits(now)
    none = np.zeros_like(now.noise)
    noise = np.stack([now.noise, none, *walk.draw(now.engine, OTHER_SEED, DRAWS - 2)])
    draws = walk.with_other_noise(now, noise)
    bernoulli = model.likelihood == "bernoulli"
    recon = (
        r"R=-\sum_{j}\big[x_j\ln\hat x_j+(1-x_j)\ln(1-\hat x_j)\big]"
        if bernoulli
        else r"R=\sum_j\Big[\tfrac{(x_j-\hat x_j)^2}{2\tau^2}+\ln\big(\tau\sqrt{2\pi}\big)\Big]"
    )
    dearest = max([*awake, *asleep], key=lambda each: float(now.kl_per_dim[each.dim]))
    words = (
        "Training makes the sum of three prices small, all in nats (1 nat is 1.44 bits). "
        "R is what the image costs given what was written. KL is what the style costs: how far the "
        "range μ ± σ went from the prior. C is what the right digit costs the classifier."
    )
    if now.engine.checkpoint.train.density_ratio_weight > 0:
        words += (
            " This model's training had penalties on top, which compare many images and say "
            "nothing of one."
        )
    total = "R + KL + C, each with its weight"
    rows = (
        ("R", "reconstruction", terms.recon_nll, 1.0),
        ("KL", "style", terms.kl, terms.beta),
        ("C", "classification", terms.cross_entropy, terms.weight),
    )
    table = "".join(
        f"<tr><th>{name}</th><td>{meaning}</td><td>{nats(cost)}</td><td>× {weight:g}</td>"
        f"<td>{nats(cost * weight)}</td></tr>"
        for name, meaning, cost, weight in rows
    )
    spread = [("τ", "spread allowed for a pixel", f"{model.likelihood_std:g}")]
    return Stop(
        "What it cost",
        words,
        (
            r"L=R+\beta\,\mathrm{KL}+w\,C",
            recon,
            r"\mathrm{KL}=\tfrac12\sum_i\big(\mu_i^2+\sigma_i^2-\ln\sigma_i^2-1\big)",
            rf"C=-\ln y_{now.label}",
        ),
        (
            *([] if bernoulli else spread),
            ("β", "weight of the KL at the end of training", f"{terms.beta:g}"),
            ("w", "weight of the classification", f"{terms.weight:g}"),
            ("KL<sub>i</sub>", f"the dearest dim: {html.escape(dearest.name)}",
             f"{plain(float(now.kl_per_dim[dearest.dim]))} nats"),
            (f"y<sub>{now.label}</sub>", "probability of the right digit",
             share(float(now.seen.digit_probs[0][now.label]))),
        ),
        f'<table class="terms"><tbody>{table}<tr class="sum"><th>L</th><td>{total}</td><td></td>'
        f"<td></td><td>{plain(terms.total)}</td></tr></tbody></table>"
        + '<p class="label">R, were y one plain digit and z the same; KL would not change</p>'
        + priced(digits.images, digits.recon_nll, [str(k) for k in range(DIGITS)])
        + '<p class="label">R by the draw of ε: this one, none, and three others</p>'
        + priced(draws.images, draws.recon_nll, ["now", "ε = 0", *["other"] * (DRAWS - 2)]),
    )  # fmt: skip


STOPS: tuple[Callable[[Walk, Sequence[StyleDim], Sequence[StyleDim]], Stop], ...] = (
    _image, _digit, _encoder, _style, _draw, _join, _decoder, _loss,
)  # fmt: skip
