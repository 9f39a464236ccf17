"""The eight stops of an image's way: what happens there in words, as a formula and in numbers.

Every figure comes from the walk; the words hold for every model that can be configured.
"""

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from ui.inside import walk
from ui.inside.parts import Symbol, cells, dims, hidden, network, power, priced, sub
from ui.inside.walk import Walk
from ui.shared.parts import bar, compared, figure, framed, group, joined, paragraph, pixels
from ui.shared.tables import table
from ui.shared.words import plain, share, signed
from vae_model.engine.digit_engine import one_hot
from vae_model.model.config import DIGITS

DRAWS = 5
"""Draws of ε that the last stop compares: the one at hand, none, and others."""
OTHER_SEED = 10**6
"""Of the others: far from those that a visitor gets by drawing again."""
# (formula, what it does to a sum)
ACTIVATIONS = {
    "sigmoid": (r"f(a)=\frac{1}{1+e^{-a}}", "squeezes any number into 0 to 1"),
    "tanh": (r"f(a)=\tanh a", "squeezes any number into −1 to 1"),
    "relu": (r"f(a)=\max(a,0)", "cuts off what is below 0"),
    "silu": (
        r"f(a)=\frac{a}{1+e^{-a}}",
        "lets large numbers pass and holds negative ones near 0",
    ),
    "gelu": (
        r"f(a)=a\,\Phi(a)",
        "lets large numbers pass and holds negative ones near 0; Φ is the share of a standard "
        "normal distribution below a",
    ),
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
    view: Markup
    """The numbers themselves, as HTML."""


def _image(now: Walk) -> Stop:
    patch = joined(
        Markup('<span style="--ink-share:{:.0f}%">{:.2f}</span>').format(35 * ink, ink)
        for ink in now.image[10:18, 10:18].ravel().tolist()
    )
    image = pixels(now.image, "The image in 28 by 28 pixels") + Markup('<i class="window"></i>')
    return Stop(
        "An image is 784 numbers",
        "Each of 28 × 28 pixels holds how much ink it has: 0 is bare paper, 1 is full ink. The "
        "networks know nothing of up, down or beside: they get all rows one after another, as one "
        "long list.",
        (r"x=(x_1,\dots,x_{784}),\qquad 0\le x_j\le 1",),
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
    activation, bends = ACTIVATIONS[now.engine.checkpoint.model.activation]
    logits, read = now.seen.digit_logits[0], now.read
    tempered: tuple[Symbol, ...] = ()
    if calibration:
        stated = share(float(now.engine.read(now.image).digit_probs[read]))
        tempered = (
            ("T", "by which the Draw page divides ℓ, lest it claim too much or too little",
             f"{calibration.temperature:.3f}"),
            (sub("p", read), "the probability that it then shows", stated),
        )  # fmt: skip
    row = Markup(
        '<div class="prob {}"><span>{}</span><output>{}</output>{}<output>{}</output></div>'
    )
    rows = [row.format("head", "k", "ℓ", Markup("<span></span>"), "y")]
    rows += [
        row.format("chosen" if k == read else "", k, plain(logit), bar(prob), share(prob))
        for k, (logit, prob) in enumerate(zip(logits.tolist(), now.probs.tolist(), strict=True))
    ]
    return Stop(
        "The classifier says which digit it is",
        "A unit of a hidden layer adds up all its inputs, each times a weight that training found, "
        f"and bends the sum: *f* {bends}. The last layer gives one number for "
        "each digit, ℓ. The softmax turns the ten into shares that sum to 1.",
        (
            r"h=f(Wx+b),\quad " + activation,
            r"y_k=\frac{e^{\ell_k}}{\sum_{j=0}^{9}e^{\ell_j}}",
        ),
        (
            *network(now, "classifier"),
            (sub("ℓ", read), f"the number for digit {read}", plain(float(logits[read]))),
            (sub("y", read), f"the probability of a {read}", share(float(now.probs[read]))),
            *tempered,
        ),
        hidden(now.seen.digit_hidden) + group("probs", *rows),
    )


def _encoder(now: Walk) -> Stop:
    model = now.engine.checkpoint.model
    if model.encoder_sees_digit:
        words = (
            "A second network asks how the digit is written. It sees the image and the ten "
            "probabilities: told which digit it is, it need not find room for that in the style. "
            "Kingma and others used such an encoder in 2014."
        )
        formula = r"h=f\big(W\,[x,y]+b\big)"
        seen = ("[x, y]", "image and probabilities in one line", "784 + 10 numbers")
    else:
        words = (
            "A second network asks how the digit is written. It sees the image alone: nobody tells "
            "it which digit that is, and nothing in it forbids to write the digit into the style."
        )
        formula = r"h=f(Wx+b)"
        seen = ("x", "the image in a line", "784 numbers")
    return Stop(
        "The encoder asks how it is written",
        words + " Each cell below is one hidden unit, the darker the further from 0.",
        (formula + r",\quad " + ACTIVATIONS[model.activation][0],),
        (seen, *network(now, "encoder")),
        hidden(now.seen.style_hidden),
    )


def _style(now: Walk) -> Stop:
    first = (now.awake or now.asleep)[0]
    mean, std = now.mean.tolist(), now.std.tolist()
    ranges = [f"{signed(each)} ± {width:.2f}" for each, width in zip(mean, std, strict=True)]
    least = power(now.engine.checkpoint.model.min_variance)
    return Stop(
        "The answer is a range, not a point",
        "For each style dim the encoder gives a middle μ and a width σ: a Gaussian, the posterior "
        "*q(z|x)*. A narrow one says that this image shows this dim clearly. With μ = 0 and σ = 1 "
        "the image would say nothing: that is the prior, what is known of a style before any image "
        "is seen.",
        (rf"q(z\mid x)=\mathcal N\big(\mu,\sigma^2\big),\qquad \sigma=\sqrt{{e^{{s}}+{least}}}",),
        (
            ("μ, s", "what the last layer gives, a pair for each dim", f"2 × {now.engine.z_dim}"),
            (f"μ of {first.name}", "its middle", signed(mean[first.dim])),
            (f"s of {first.name}", "the logarithm of its variance",
             signed(float(now.seen.log_variance[0, first.dim]))),
            (f"σ of {first.name}", "its width", f"{std[first.dim]:.3f}"),
        ),
        dims(now, ["μ ± σ"], ranges),
    )  # fmt: skip


def _draw(now: Walk) -> Stop:
    first = (now.awake or now.asleep)[0]
    drawn = (now.noise, now.style)
    mean, std, noise, style = (float(each[first.dim]) for each in (now.mean, now.std, *drawn))
    return Stop(
        "One style is drawn from the range",
        "The decoder gets one style, not a range: chance picks it. So styles near one another must "
        "all decode to images like this one, and the space between digits fills up. Written as "
        "μ + σ·ε the chance sits in ε alone, and training can follow how the loss changes with μ "
        "and σ: the reparameterisation trick of Kingma and Welling (2013).",
        (
            r"z=\mu+\sigma\,\varepsilon,\qquad \varepsilon\sim\mathcal N(0,1)",
            rf"{style:z.3f}={mean:z.4f}+{std:.4f}\cdot({noise:z.4f})",
        ),
        (
            ("ε", "noise, one number for each dim", f"{now.engine.z_dim} numbers"),
            (f"ε of {first.name}", "its noise now", signed(noise, 3)),
            (f"z of {first.name}", "the style that is drawn", signed(style, 3)),
        ),
        dims(now, ["ε", "z"], *([signed(float(v)) for v in each] for each in drawn), drawn=True),
    )  # fmt: skip


def _join(now: Walk) -> Stop:
    names = {each.dim: each.name for each in now.awake}
    how = {
        "softmax": "the classifier's ten probabilities. That leaves a leak: a little doubt between "
        "two digits can carry style, and costs no KL.",
        "label": "the true digit: a 1 and nine zeros. No style fits through that.",
    }[now.engine.checkpoint.train.decoder_condition]
    z_dim = now.engine.z_dim
    z_names = [names.get(dim, "asleep") for dim in range(z_dim)]
    most = max(float(np.abs(now.style).max()), 1.0)
    return Stop(
        "Style and digit side by side",
        "This short list is all that the decoder will see. z says how to write, y says what. "
        f"Choose another digit for y: z stays as it is. "
        f"While this model learnt, y was {how}",
        (rf"[z,y]=(z_1,\dots,z_{{{z_dim}}},\;y_0,\dots,y_9)",),
        (
            ("z", "the style that was drawn", f"{z_dim} numbers"),
            ("y", "the digit dims, which sum to 1", "10 numbers"),
            ("[z, y]", "both in one line", f"{z_dim + DIGITS} numbers"),
        ),
        paragraph("label", "z, the style")
        + cells("list", z_names, now.style, most)
        + paragraph("label", "y, the digit")
        + cells("list short", map(str, range(DIGITS)), now.digit_dims, 1.0),
    )


def _decoder(now: Walk) -> Stop:
    darkest = int(np.argmax(now.made))
    return Stop(
        "The decoder writes it",
        "The same kind of layers, the other way round: few numbers in, 784 out. The last layer "
        "gives each pixel a number *a*, and the sigmoid makes it ink between 0 and 1. What differs "
        "from the image given is what the style could not hold.",
        (r"h=f\big(W\,[z,y]+b\big),\qquad \hat x_j=\frac{1}{1+e^{-a_j}}",),
        (
            *network(now, "decoder"),
            (sub("a", "j"), f"at its darkest pixel, number {darkest + 1}",
             signed(float(now.written.logits[0, darkest]))),
            (sub("x̂", "j"), "the ink there", f"{now.made.max():.3f}"),
        ),
        hidden(now.written.hidden)
        + compared(
            now.image, now.made, ("The image given", "The image that came out"),
            ("x, given", "x̂, written"), "too much", "too little",
        ),
    )  # fmt: skip


def _loss(now: Walk) -> Stop:
    model, train = now.engine.checkpoint.model, now.engine.checkpoint.train
    digits = walk.others(now, np.tile(now.style, (DIGITS, 1)), one_hot(list(range(DIGITS))))
    noise = [now.noise, 0 * now.noise, *walk.draw(now.engine, OTHER_SEED, DRAWS - 2)]
    draws = walk.others(now, now.mean + now.std * noise, np.tile(now.digit_dims, (DRAWS, 1)))
    bernoulli = model.likelihood == "bernoulli"
    recon = (
        r"R=-\sum_{j}\big[x_j\ln\hat x_j+(1-x_j)\ln(1-\hat x_j)\big]"
        if bernoulli
        else r"R=\sum_j\Big[\tfrac{(x_j-\hat x_j)^2}{2\tau^2}+\ln\big(\tau\sqrt{2\pi}\big)\Big]"
    )
    spread = ("τ", "spread allowed for a pixel", f"{model.likelihood_std:g}")
    kl = now.kl_per_dim
    dearest = max([*now.awake, *now.asleep], key=lambda each: float(kl[each.dim]))
    penalties = (
        " This model's training had penalties on top, which compare many images and say nothing of "
        "one."
    )
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
    return Stop(
        "What it cost",
        "Training makes the sum of three prices small, all in nats (1 nat is 1.44 bits). R is what "
        "the image costs given what was written. KL is what the style costs: how far the range "
        "μ ± σ went from the prior. C is what the right digit costs the classifier."
        + (penalties if train.density_ratio_weight > 0 else ""),
        (
            r"L=R+\beta\,\mathrm{KL}+w\,C",
            recon,
            r"\mathrm{KL}=\tfrac12\sum_i\big(\mu_i^2+\sigma_i^2-\ln\sigma_i^2-1\big)",
            rf"C=-\ln y_{now.label}",
        ),
        (
            *([] if bernoulli else [spread]),
            ("β", "weight of the KL at the end of training", f"{train.beta:g}"),
            ("w", "weight of the classification", f"{train.classification_weight:g}"),
            (sub("KL", "i"), f"the dearest dim: {dearest.name}", f"{plain(float(kl.max()))} nats"),
            (sub("y", now.label), "probability of the right digit",
             share(float(now.probs[now.label]))),
        ),
        table("terms", [*costs, ("L", "R + KL + C, each with its weight", "", "", total)])
        + paragraph("label", "R, were y one plain digit and z the same; KL would not change")
        + priced(*digits, [str(k) for k in range(DIGITS)])
        + paragraph("label", "R by the draw of ε: this one, none, and three others")
        + priced(*draws, ["now", "ε = 0", *["other"] * (DRAWS - 2)]),
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
