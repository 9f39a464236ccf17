"""Damaged files and forged messages, through the code that the Draw page puts them through.

    python -m benchmarks.fuzz [FILES] [PAYLOADS]

What may come of each is a reading or one of the three errors whose message the page shows. Anything
else counts as an exception.
"""

import json
import sys

from tests.support import fuzz
from vae_model.engine.digit_engine import DigitEngine

FILES = PAYLOADS = 2000


def main() -> None:
    """Try them all, and print how many broke the rule."""
    files = int(sys.argv[1]) if len(sys.argv) > 1 else FILES
    payloads = int(sys.argv[2]) if len(sys.argv) > 2 else PAYLOADS
    engine = DigitEngine.load(fuzz.CHECKPOINT)
    outcomes, exceptions = fuzz.run(engine, files, payloads)
    for name, count in sorted(outcomes.items()):
        print(f"{count:6} {name}")
    for each in exceptions[:20]:
        print(each)
    result = {
        "benchmark": "fuzz",
        "files": files,
        "payloads": payloads,
        "exceptions": len(exceptions),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
