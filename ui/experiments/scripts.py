"""The six experiments, each as what the visitor sees of it, from first to last: the title, what is
done, a question; then, once it is answered, what comes out and the reason."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from ui.experiments import trials, views
from ui.shared import mnist_sample, shelf
from ui.shared.dims import ASLEEP_KL
from ui.shared.stored import metric
from ui.shared.words import plain, signed
from vae_model.engine.digit_engine import DigitEngine, Floats
from vae_model.model.config import DIGITS

ASKED = 7
EXAMPLE = 4
"""Instead of the visitor's drawing; asked for where that is read as `ASKED`."""
HAND = 2
"""Of the collapsed model: the digit that is shown in random styles."""
CLEAR = 0.5
"""Shares and correlations from here on count as "yes"."""
LOSS = 1.0
"""Nats per image from here on count as lost."""


class Unusable(Exception):
    """A small model that an experiment needs cannot be used; says why."""


@dataclass(frozen=True)
class Title:
    text: str


@dataclass(frozen=True)
class Question:
    """What the visitor predicts; nothing after it is shown before that."""

    text: str
    choices: Sequence[str]
    outcome: int
    """Which of the choices comes true."""


@dataclass(frozen=True)
class Note:
    """What was measured, and on what."""

    text: str


Script = Iterator[Title | Question | Note | str]
"""Text is Markdown, unless it is Markup."""
Engines = Mapping[str, DigitEngine]


def scripts(engine: DigitEngine, drawing: Floats | None) -> Mapping[str, Callable[[], Script]]:
    """All experiments, with the chosen model and what the visitor drew, (28, 28). To go through one
    raises Unusable."""
    return {
        "swap-digit": partial(_swap_digit, engine, drawing),
        "swap-style": partial(_swap_style, engine),
        "beta": _weigh_style,
        "leak": _smuggle,
        "unlabelled": _unlabel,
        "collapse": _collapse,
    }


def _swap_digit(engine: DigitEngine, drawing: Floats | None) -> Script:
    image = mnist_sample.of_digit(EXAMPLE) if drawing is None else drawing
    of = f"a handwritten {EXAMPLE}" if drawing is None else "your drawing"
    asked = EXAMPLE if engine.read(image).digit == ASKED else ASKED
    yield Title("Same style, another digit")
    yield (
        f"The encoder takes the style z of {of}. The decoder gets this z, and digit dims that say "
        f"{asked}."
    )
    found = trials.rewriting(engine)
    outcome = _swapped(found)
    choices = (
        "What went in, since z is the image in short",
        f"A {asked}, written in the same hand",
        f"A {asked} like any other {asked}",
    )
    yield Question("What comes out?", choices, outcome)
    written = trials.write(engine, trials.styles_of(engine, image[None]))
    yield views.one_as_ten(image, written, asked, of)
    yield UNLIKE_OTHERS.get(outcome) or (
        "The decoder learned with both inputs at hand. What the digit dims told it, z did not have "
        "to. So z was left with the rest: slant, stroke, width. That is why one z fits all ten "
        "digits."
    )
    yield Note(
        f"Measured here on {trials.REWRITTEN} test digits, each written as all ten: the model's "
        f"own classifier reads {100 * found.obeyed:.1f} % of them as the digit asked for."
    )


def _swap_style(engine: DigitEngine) -> Script:
    yield Title("Same digit, another style")
    yield (
        f"Now the digit dims say {ASKED} every time. The style z comes from ten different "
        "handwritten digits, one after the other."
    )
    found = trials.rewriting(engine)
    outcome = _swapped(found)
    choices = (
        "Ten different digits",
        f"Ten times a {ASKED}, each in another hand",
        f"Ten times the same {ASKED}",
    )
    yield Question("What comes out?", choices, outcome)
    made = trials.copies(engine, ASKED)
    yield views.lines([("style from", trials.ten_examples()), (f"as a {ASKED}", made)])
    yield UNLIKE_OTHERS.get(outcome) or (
        "Compare the two lines column by column. Who leans still leans, and a thick stroke stays "
        "thick. The digit is gone, the hand is still there."
    )
    yield Note(
        f"Measured here on {trials.REWRITTEN} test digits, each written as all ten: the slants of "
        f"what went in and of what came out have a correlation of {signed(found.slant)}. At +1 "
        "they would always go together, at 0 they would have nothing to do with each other."
    )


def _weigh_style() -> Script:
    yield Title("The weight β of the style's price")
    yield (
        "Training makes a sum small: what the pixels cost, plus β times what the style costs. The "
        "style's cost is called KL: it counts how far the style of an image stands out from a "
        "random style, in nats. Three small models differ in β alone. With β = 0 a style costs "
        "nothing, so the encoder may put into it whatever it likes."
    )
    small = _small({"β = 0": "beta-0", "β = 1": "beta-1", "β = 5": "beta-5"})
    measured = _costs(small)
    names = list(measured)
    best = max(names, key=lambda name: measured[name].legible)
    question = "Which one writes the most legible new digits, from styles drawn at random?"
    yield Question(question, names, names.index(best))
    yield views.costs(measured)
    copied = [(f"copied, {name}", trials.copies(engine)) for name, engine in small.items()]
    yield views.lines([("real", trials.ten_examples()), *copied])
    yield views.lines([(f"new, {name}", trials.new(engine)) for name, engine in small.items()])
    none, most = measured["β = 0"], measured[best]
    yield (
        "For a new digit there is no image to take z from, so z is drawn at random. That works "
        "only if random styles look like those that the decoder has met. With β = 0 nothing keeps "
        f"them alike: a style stands out by {plain(none.style.total, 0)} nats, and a random one "
        f"falls where the decoder was never taught. With {best} a style stands out by "
        f"{plain(most.style.total, 1)} nats. Random styles fit, but there is a price: fewer "
        f"details are kept, and the pixels of a copy cost {plain(most.recon - none.recon, 1)} "
        "nats more."
    )
    yield Note(
        f"Nats per image, over {none.style.images:,} test digits. Legible: the share of digits in "
        "random styles that an independent judge reads as the digit asked for."
    )


def _smuggle() -> Script:
    yield Title("The leak: ten probabilities or one digit")
    yield (
        "In training, where do the digit dims come from? They can be the classifier's ten "
        "probabilities, as in the article that this network comes from. Or they can be the true "
        "digit: a one and nine zeros. Two small models differ in that alone. We take the style z "
        "of test digits, keep it, and decode it twice: once with the probabilities, once with the "
        "plain true digit."
    )
    small = _small({"trained on the probabilities": "softmax", "trained on the digit": "beta-1"})
    measured = {name: trials.conditioned(engine) for name, engine in small.items()}
    soft, hard = measured.values()
    yield Question(
        "Whose copy suffers more when the plain digit replaces the probabilities?",
        (
            "That of the model trained on probabilities",
            "That of the model trained on the true digit",
            "Neither: both know which digit it is",
        ),
        2 if max(soft.loss, hard.loss) < LOSS else 0 if soft.loss > hard.loss else 1,
    )
    rows = trials.most_smuggled(next(iter(small.values())))
    images = mnist_sample.test_digits()[0]
    for name, engine in small.items():
        kinds = (images[rows], *trials.two_copies(engine, rows))
        labels = ("real", "with probabilities", "with the digit")
        yield views.lines(list(zip(labels, kinds, strict=True)), name.capitalize())
    yield views.conditioned(measured)
    yield (
        "Ten probabilities are ten numbers that can be any mixture. The decoder can read more from "
        "them than a digit: “mostly a 7, a bit of a 9” may mean “a 7 with a round top”. And z "
        "costs nats, while the probabilities cost none. So the classifier learns to hedge, and "
        "smuggles style through the digit dims. Take the mixture away, and the copy costs "
        f"{plain(soft.loss, 1)} nats more. For the model that learned from plain digits it is "
        f"{plain(hard.loss, 1)}."
    )
    yield Note(
        f"The digits shown are those of {trials.REWRITTEN} for which it matters most to the first "
        f"model. The table is over {len(images):,} test digits: nats of the pixels of a copy, "
        "fewer is better; how high the highest of the ten probabilities is on average; and how "
        "many digits the classifier reads rightly."
    )


def _unlabel() -> Script:
    yield Title("Nobody names the digits")
    yield (
        "The classifier is paid for naming digits: its mistakes count in the loss, with a weight "
        "of 10. Here that weight is 0. Everything else stays: the ten probabilities still go to "
        "the decoder, and there are still ten of them. Then we ask for the digits 0 to 9."
    )
    small = _small({"weight 10": "softmax", "weight 0": "unlabelled"})
    counts = trials.strongest_dims(small["weight 0"])
    right, best = counts.trace() / counts.sum(), trials.best_reading(counts)
    choices = (
        "The ten digits, as before",
        "The ten digits, but in another order",
        "No longer ten digits",
    )
    yield Question("What comes out?", choices, 0 if right >= CLEAR else 1 if best >= CLEAR else 2)
    yield views.lines([(name, trials.average(engine)) for name, engine in small.items()])
    used = int((counts.sum(axis=0) > 0).sum())
    before, after = (metric(engine, "digit_leak_sampled") for engine in small.values())
    moved = "" if before is None or after is None else (
        f": a network that gets z alone reads it in {100 * after:.1f} % of all test digits. With "
        f"weight 10 it is {100 * before:.1f} %"
    )  # fmt: skip
    yield (
        "The names 0 to 9 came from the labels alone. Without them the ten dims are ten more "
        "numbers, and training uses them for whatever makes the pixels cheaper, or not at all. "
        f"Here only {used} of the ten {'is' if used == 1 else 'are'} ever the strongest for a test "
        "digit. The digit itself did not vanish. It has moved into z, with everything else"
        f"{moved}."
    )
    yield views.strongest(counts)
    yield Note(
        "Rows: what a test digit shows. Columns: which digit dim was the strongest, with weight 0. "
        f"Even if each dim got the best name for it, {100 * best:.1f} % would be read rightly; "
        f"guessing gives {100 / DIGITS:.0f} %."
    )


def _collapse() -> Script:
    yield Title("When the style falls asleep")
    yield (
        "Back to β, the weight of the style's price. Each style dim has its own price in nats. A "
        f"dim that costs less than {ASLEEP_KL} nats says nothing about the image: it is asleep. "
        "Now β goes up to 50."
    )
    small = _small({"β = 1": "beta-1", "β = 5": "beta-5", "β = 50": "beta-50"})
    measured = _costs(small)
    last = measured["β = 50"].style
    total = len(last.per_dim)
    awake = (total, total // 2, 0)
    yield Question(
        f"How many of the {total} style dims are awake with β = 50?",
        (f"All {total}: a model uses what it has", "About half of them", "None"),
        min(range(3), key=lambda choice: abs(awake[choice] - last.awake)),
    )
    hands = [(name, trials.new(engine, HAND)) for name, engine in small.items()]
    yield views.hands(hands, measured)
    yield (
        "A style is worth its price while a nat spent on it saves more than β nats of pixels. At "
        "β = 50 nothing does. So the encoder gives every image the same answer, and the decoder "
        "learns to ignore z. What is left is one average digit of each kind. This is called "
        "posterior collapse: the posterior, what the encoder says after it has seen the image, "
        "falls back on the prior, what was known before. It also happens at small β, to dims that "
        "a model does not need: the X-ray page shows those as asleep."
    )
    yield Note(
        f"The digits: a {HAND} in ten random styles, the same for each model. The bars: what each "
        f"style dim costs, the dearest first, over {last.images:,} test digits."
    )


def _small(names: Mapping[str, str]) -> Engines:
    """Small models by what to call them. Raises Unusable."""
    engines: dict[str, DigitEngine] = {}
    for called, name in names.items():
        found = shelf.experiment(name)
        if isinstance(found, str):
            raise Unusable(found)
        engines[called] = found
    return engines


def _costs(small: Engines) -> dict[str, trials.Costs]:
    """What was measured of each. Raises Unusable where one was not."""
    measured: dict[str, trials.Costs] = {}
    for called, engine in small.items():
        found = trials.costs(engine)
        if found is None:
            raise Unusable(f"{engine.name} was not measured")
        measured[called] = found
    return measured


def _swapped(found: trials.Rewriting) -> int:
    """0: the digit asked for is not written; 1: it is, in the same hand; 2: in another."""
    return 0 if found.obeyed < CLEAR else 1 if found.slant >= CLEAR else 2


_GOOD = "A good model writes the digit asked for in the same hand. This one does not. "
UNLIKE_OTHERS = {
    0: _GOOD + "Its style still holds the digit, so what is asked for is not obeyed.",
    2: _GOOD + "Its style hardly holds how an image leans, so there is little to hand on.",
}
"""Why a loaded model does not do what a good one does, by what `_swapped` finds."""
