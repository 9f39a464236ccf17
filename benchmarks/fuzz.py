"""Damaged files and forged messages, through the code that the Draw page puts them through.

    python -m benchmarks.fuzz [FILES] [PAYLOADS]

What may come of each is a reading or one of the three errors whose message the page shows. Anything
else counts as an exception.
"""

import argparse
import json

from tests.support import fuzz
from vae_model.engine.digit_engine import DigitEngine


def main() -> None:
    """Try them all, and print how many broke the rule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="?", type=int, default=2000)
    parser.add_argument("payloads", nargs="?", type=int, default=2000)
    options = parser.parse_args()
    engine = DigitEngine.load(fuzz.CHECKPOINT)
    outcomes, exceptions = fuzz.run(engine, options.files, options.payloads)
    for name, count in sorted(outcomes.items()):
        print(f"{count:6} {name}")
    for each in exceptions[:20]:
        print(each)
    print(json.dumps({"benchmark": "fuzz", **vars(options), "exceptions": len(exceptions)}))


if __name__ == "__main__":
    main()
