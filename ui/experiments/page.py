"""Experiments: predict what comes out, then see it, with the figures and the reason."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from ui.experiments import trials, views
from ui.experiments.trials import Costs
from ui.shared import access, dims, frame, mnist_sample, pages, shelf
from ui.shared.drawing import current_source
from ui.shared.words import escaped, plain, signed
from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.config import DIGITS

EXAMPLE = 4
ASKED = 7
# Of the collapsed model: the digit that is shown in random styles. (Comments, because Streamlit
# shows what a page says in a line of its own.)
HAND = 2
# Shares and correlations from here on count as "yes", and losses in nats per image as one.
CLEAR = 0.5
LOSS = 1.0
BETAS = {"β = 0": "beta-0", "β = 1": "beta-1", "β = 5": "beta-5"}
HEAVY = {"β = 1": "beta-1", "β = 5": "beta-5", "β = 50": "beta-50"}
CONDITIONS = {"trained on the probabilities": "softmax", "trained on the digit": "beta-1"}
SUPERVISION = {"weight 10": "softmax", "weight 0": "unlabelled"}
WORDS = (
    "Three words that come back. The **style z** is the few numbers in which the encoder says how "
    "an image is written. The **digit dims** are ten more numbers that tell the decoder which "
    "digit to write. A **nat** measures information, as a bit does: 1 nat is 1.44 bits. Fewer nats "
    "for an image mean that the model finds it less surprising."
)


def render() -> None:
    """The whole page."""
    engine = frame.begin(pages.EXPERIMENTS)
    with st.container(key="experiments"):
        st.markdown(WORDS)
        swap_digit(engine)
        swap_style(engine)
        weigh_the_style()
        smuggle()
        switch_off()
        collapse()


@st.fragment
def swap_digit(engine: DigitEngine) -> None:
    source = current_source()
    image = source.image if source else mnist_sample.of_digit(EXAMPLE)
    of = "your drawing" if source else f"a handwritten {EXAMPLE}"
    asked = EXAMPLE if engine.read(image).digit == ASKED else ASKED
    st.subheader("Same style, another digit", anchor=False)
    st.markdown(
        f"The encoder takes the style z of {of}. The decoder gets this z, and digit dims that say "
        f"{asked}."
    )
    found = trials.rewriting(engine)
    outcome = 0 if found.obeyed < CLEAR else 1 if found.slant >= CLEAR else 2
    choices = (
        "What went in, since z is the image in short",
        f"A {asked}, written in the same hand",
        f"A {asked} like any other {asked}",
    )
    if not _asked("swap-digit", "What comes out?", choices, outcome):
        return
    written = trials.as_ten_digits(engine, trials.style_of(engine, image))
    st.html(views.one_as_ten(image, written, asked, of))
    st.markdown(
        _unlike_others(outcome)
        or "The decoder learned with both inputs at hand. What the digit dims told it, z did not "
        "have to. So z was left with the rest: slant, stroke, width. That is why one z fits all "
        "ten digits."
    )
    st.caption(
        f"Measured here on {trials.REWRITTEN} test digits, each written as all ten: the model's "
        f"own classifier reads {100 * found.obeyed:.1f} % of them as the digit asked for."
    )


@st.fragment
def swap_style(engine: DigitEngine) -> None:
    st.subheader("Same digit, another style", anchor=False)
    st.markdown(
        f"Now the digit dims say {ASKED} every time. The style z comes from ten different "
        "handwritten digits, one after the other."
    )
    found = trials.rewriting(engine)
    outcome = 0 if found.obeyed < CLEAR else 1 if found.slant >= CLEAR else 2
    choices = (
        "Ten different digits",
        f"Ten times a {ASKED}, each in another hand",
        f"Ten times the same {ASKED}",
    )
    if not _asked("swap-style", "What comes out?", choices, outcome):
        return
    st.html(
        views.lines(
            [
                ("style from", trials.ten_examples()),
                (f"as a {ASKED}", trials.in_ten_hands(engine, ASKED)),
            ]
        )
    )
    st.markdown(
        _unlike_others(outcome)
        or "Compare the two lines column by column. Who leans still leans, and a thick stroke "
        "stays thick. The digit is gone, the hand is still there."
    )
    st.caption(
        f"Measured here on {trials.REWRITTEN} test digits, each written as all ten: the slants of "
        f"what went in and of what came out have a correlation of {signed(found.slant)}. At +1 "
        "they would always go together, at 0 they would have nothing to do with each other."
    )


@st.fragment
def weigh_the_style() -> None:
    st.subheader("The weight β of the style's price", anchor=False)
    st.markdown(
        "Training makes a sum small: what the pixels cost, plus β times what the style costs. The "
        "style's cost is called KL: it counts how far the style of an image stands out from a "
        "random style, in nats. Three small models differ in β alone. With β = 0 a style costs "
        "nothing, so the encoder may put into it whatever it likes."
    )
    found = _small(BETAS)
    measured = _costs(found) if found else None
    if not found or not measured:
        return
    names = list(measured)
    outcome = max(range(len(names)), key=lambda index: measured[names[index]].legible)
    question = "Which one writes the most legible new digits, from styles drawn at random?"
    if not _asked("beta", question, names, outcome):
        return
    st.html(views.costs(measured))
    rows = [("real", trials.ten_examples())]
    rows += [(f"copied, {name}", trials.copies(engine)) for name, engine in found.items()]
    st.html(views.lines(rows))
    st.html(
        views.lines([(f"new, {name}", trials.from_prior(engine)) for name, engine in found.items()])
    )
    none, best = measured[names[0]], measured[names[outcome]]
    st.markdown(
        "For a new digit there is no image to take z from, so z is drawn at random. That works "
        "only if random styles look like those that the decoder has met. With β = 0 nothing keeps "
        f"them alike: a style stands out by {plain(none.style.total, 0)} nats, and a random one "
        f"falls where the decoder was never taught. With {names[outcome]} a style stands out by "
        f"{plain(best.style.total, 1)} nats. Random styles fit, but there is a price: fewer "
        f"details are kept, and the pixels of a copy cost {plain(best.recon - none.recon, 1)} "
        "nats more."
    )
    st.caption(
        f"Nats per image, over {none.style.images:,} test digits. Legible: the share of digits in "
        "random styles that an independent judge reads as the digit asked for."
    )


@st.fragment
def smuggle() -> None:
    st.subheader("The leak: ten probabilities or one digit", anchor=False)
    st.markdown(
        "In training, where do the digit dims come from? They can be the classifier's ten "
        "probabilities, as in the article that this network comes from. Or they can be the true "
        "digit: a one and nine zeros. Two small models differ in that alone. We take the style z "
        "of test digits, keep it, and decode it twice: once with the probabilities, once with the "
        "plain true digit."
    )
    found = _small(CONDITIONS)
    if not found:
        return
    measured = {name: trials.conditioned(engine) for name, engine in found.items()}
    soft, hard = measured.values()
    outcome = 2 if max(soft.loss, hard.loss) < LOSS else 0 if soft.loss > hard.loss else 1
    choices = (
        "That of the model trained on probabilities",
        "That of the model trained on the true digit",
        "Neither: both know which digit it is",
    )
    if not _asked(
        "leak",
        "Whose copy suffers more when the plain digit replaces the probabilities?",
        choices,
        outcome,
    ):
        return
    shown = trials.most_smuggled(next(iter(found.values())))
    real = mnist_sample.test_digits()[0][shown]
    for name, engine in found.items():
        soft_copies, hard_copies = trials.two_copies(engine, shown)
        rows = [
            ("real", real),
            ("with probabilities", soft_copies),
            ("with the digit", hard_copies),
        ]
        st.html(views.lines(rows, name.capitalize()))
    st.html(views.conditioned(measured))
    st.markdown(
        "Ten probabilities are ten numbers that can be any mixture. The decoder can read more from "
        "them than a digit: “mostly a 7, a bit of a 9” may mean “a 7 with a round top”. And z "
        "costs nats, while the probabilities cost none. So the classifier learns to hedge, and "
        "smuggles style through the digit dims. Take the mixture away, and the copy costs "
        f"{plain(soft.loss, 1)} nats more. For the model that learned from plain digits it is "
        f"{plain(hard.loss, 1)}."
    )
    st.caption(
        f"The digits shown are those of {trials.REWRITTEN} for which it matters most to the first "
        f"model. The table is over {len(mnist_sample.test_digits()[0]):,} test digits: nats of the "
        "pixels of a copy, fewer is better; how high the highest of the ten probabilities is on "
        "average; and how many digits the classifier reads rightly."
    )


@st.fragment
def switch_off() -> None:
    st.subheader("Nobody names the digits", anchor=False)
    st.markdown(
        "The classifier is paid for naming digits: its mistakes count in the loss, with a weight "
        "of 10. Here that weight is 0. Everything else stays: the ten probabilities still go to "
        "the decoder, and there are still ten of them. Then we ask for the digits 0 to 9."
    )
    found = _small(SUPERVISION)
    if not found:
        return
    named, unnamed = found.values()
    counts = trials.strongest_dims(unnamed)
    right, best = counts.trace() / counts.sum(), trials.best_reading(counts)
    outcome = 0 if right >= CLEAR else 1 if best >= CLEAR else 2
    choices = (
        "The ten digits, as before",
        "The ten digits, but in another order",
        "No longer ten digits",
    )
    if not _asked("unlabelled", "What comes out?", choices, outcome):
        return
    style = np.zeros(named.z_dim, np.float32)
    st.html(
        views.lines([(name, trials.as_ten_digits(engine, style)) for name, engine in found.items()])
    )
    used = int((counts.sum(axis=0) > 0).sum())
    st.markdown(
        "The names 0 to 9 came from the labels alone. Without them the ten dims are ten more "
        "numbers, and training uses them for whatever makes the pixels cheaper, or not at all. "
        f"Here only {used} of the ten {'is' if used == 1 else 'are'} ever the strongest for a test "
        f"digit. The digit itself did not vanish. {_moved(named, unnamed)}"
    )
    st.html(views.strongest(counts))
    st.caption(
        "Rows: what a test digit shows. Columns: which digit dim was the strongest, with weight 0. "
        f"Even if each dim got the best name for it, {100 * best:.1f} % would be read rightly; "
        f"guessing gives {100 / DIGITS:.0f} %."
    )


@st.fragment
def collapse() -> None:
    st.subheader("When the style falls asleep", anchor=False)
    st.markdown(
        "Back to β, the weight of the style's price. Each style dim has its own price in nats. A "
        f"dim that costs less than {dims.ASLEEP_KL} nats says nothing about the image: it is "
        "asleep. Now β goes up to 50."
    )
    found = _small(HEAVY)
    measured = _costs(found) if found else None
    if not found or not measured:
        return
    last = measured["β = 50"]
    total = len(last.style.per_dim)
    awake = (total, total // 2, 0)
    outcome = min(range(3), key=lambda index: abs(awake[index] - last.style.awake))
    choices = (f"All {total}: a model uses what it has", "About half of them", "None")
    if not _asked(
        "collapse", f"How many of the {total} style dims are awake with β = 50?", choices, outcome
    ):
        return
    most = max(nats for each in measured.values() for nats in each.style.per_dim)
    st.html(
        views.hands(
            [
                (name, trials.one_from_prior(engine, HAND), views.dims(measured[name], most))
                for name, engine in found.items()
            ]
        )
    )
    st.markdown(
        "A style is worth its price while a nat spent on it saves more than β nats of pixels. At "
        "β = 50 nothing does. So the encoder gives every image the same answer, and the decoder "
        "learns to ignore z. What is left is one average digit of each kind. This is called "
        "posterior collapse: the posterior, what the encoder says after it has seen the image, "
        "falls back on the prior, what was known before. It also happens at small β, to dims that "
        "a model does not need: the X-ray page shows those as asleep."
    )
    st.caption(
        f"The digits: a {HAND} in ten random styles, the same for each model. The bars: what each "
        f"style dim costs, the dearest first, over {last.style.images:,} test digits."
    )


def _moved(named: DigitEngine, unnamed: DigitEngine) -> str:
    """Where the digit went, with figures where there are any."""
    before, after = trials.digit_in_style(named), trials.digit_in_style(unnamed)
    text = "It has moved into z, with everything else"
    if before is None or after is None:
        return f"{text}."
    return (
        f"{text}: a network that gets z alone reads it in {100 * after:.1f} % of all test digits. "
        f"With weight 10 it is {100 * before:.1f} %."
    )


def _asked(key: str, question: str, choices: Sequence[str], outcome: int) -> bool:
    """Asks for a prediction; once there is one, says how it compares to the outcome. Whether there
    is one."""
    chosen = st.radio(question, choices, index=None, key=f"predict-{key}", persist_state="session")
    if chosen not in choices:
        return False
    if chosen == choices[outcome]:
        st.markdown(f"**As you predicted.** {choices[outcome]}.")
    else:
        st.markdown(f"**It comes out differently.** {choices[outcome]}.")
    return True


def _small(names: dict[str, str]) -> dict[str, DigitEngine] | None:
    """The small models of an experiment by what to call them; where one is missing says so."""
    found = {called: shelf.experiment(name) for called, name in names.items()}
    engines = {called: each for called, each in found.items() if isinstance(each, DigitEngine)}
    if len(engines) == len(found):
        return engines
    _cannot(next(each for each in found.values() if isinstance(each, str)))
    return None


def _costs(engines: dict[str, DigitEngine]) -> dict[str, Costs] | None:
    """What was measured of each; where one was not says so."""
    found = {called: trials.costs(engine) for called, engine in engines.items()}
    measured = {called: each for called, each in found.items() if each}
    if len(measured) == len(found):
        return measured
    _cannot(
        f"{next(engines[name].name for name in found if name not in measured)} was not measured"
    )
    return None


def _cannot(reason: str) -> None:
    st.info(
        "This experiment needs small models of its own, and one of them cannot be used."
        + access.for_the_host(" `make experiments` in the project folder trains them again.")
    )
    st.caption(escaped(f"{reason}."))


def _unlike_others(outcome: int) -> str:
    """Why a loaded model does not do what a good one does; empty where it does."""
    if outcome == 1:
        return ""
    lacks = (
        "Its style still holds the digit, so what is asked for is not obeyed."
        if outcome == 0
        else "Its style hardly holds how an image leans, so there is little to hand on."
    )
    return f"A good model writes the digit asked for in the same hand. This one does not. {lacks}"


render()
