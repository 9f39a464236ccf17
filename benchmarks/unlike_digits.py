"""How often real digits, and how often letters, scribbles and the like, are said to be unlike any
digit.

    python -m benchmarks.unlike_digits [--data NAME] [--drawings N]

All are read as a drawing is: inked, put through `normalize`, read by the engine. The digits are the
test set, which fitted nothing; the drawings share neither seed nor letter with those of the fit.
What `normalize` itself refuses (grains without a stroke, a solid patch) the page refuses with a
line of its own: that counts as said, and is counted apart.
"""

import argparse
import json

from tests.support.app import ROOT
from vae_model.data import non_digits
from vae_model.data.mnist import load
from vae_model.engine.digit_engine import DigitEngine, Floats
from vae_model.evaluation.fit_calibration import normalized


def said(engine: DigitEngine, images: Floats) -> float:
    """Share of images that the engine says are unlike any digit."""
    assert engine.checkpoint.calibration is not None
    ood_score = engine.checkpoint.calibration.ood_score(engine.statistics(images))
    return float((ood_score > 0).mean())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="auto")
    parser.add_argument("--drawings", type=int, default=500, help="of each kind")
    options = parser.parse_args()
    data = load(options.data)
    digits = normalized(255 * data.test.images.numpy().reshape(-1, 28, 28))
    drawn = {
        kind: normalized(non_digits.drawings(kind, options.drawings, tuning=False))
        for kind in non_digits.ALL_KINDS
    }
    count = options.drawings
    refused = {kind: round(1 - len(images) / count, 3) for kind, images in drawn.items()}
    result: dict[str, object] = {
        "benchmark": "unlike_digits",
        "data": data.name,
        "digits": len(digits),
        "drawings_of_each_kind": count,
        "refused_before": refused,
    }
    for name in ("studio", "article"):
        engine = DigitEngine.load(ROOT / "checkpoints" / name)
        # A kind of which everything was refused leaves nothing to judge.
        shares = {
            kind: 1 - (1 - said(engine, images) if len(images) else 0) * len(images) / count
            for kind, images in drawn.items()
        }
        false_alarms = said(engine, digits)
        print(f"{name}: test digits {100 * false_alarms:.2f} %", end="")
        print("".join(f", {kind} {100 * share:.0f} %" for kind, share in shares.items()))
        result[name] = {
            "false_alarms": round(false_alarms, 4),
            **{kind: round(share, 3) for kind, share in shares.items()},
        }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
