"""The table of docs/measured.md is what the benchmarks wrote down."""

import importlib.util
import json
from pathlib import Path

from benchmarks.__main__ import COMMANDS, MEASURED, RESULTS, measured
from benchmarks.tables import ROWS, replaced

HERE = Path(__file__).parent


def test_the_page_holds_what_was_measured() -> None:
    text = MEASURED.read_text(encoding="utf-8")
    assert replaced(text, measured()) == text


def test_every_row_names_a_benchmark_that_is_there_and_has_run() -> None:
    for _, _, command in ROWS:
        name, *arguments = command.split()
        assert arguments == COMMANDS[name]
        assert importlib.util.find_spec(f"benchmarks.{name}")


def test_a_result_says_when_and_where_it_was_measured() -> None:
    for each in json.loads(RESULTS.read_text()).values():
        assert each["date"].startswith("20") and "Python" in each["machine"]


def test_a_changed_figure_changes_the_table_alone() -> None:
    other = measured()
    other["draw_latency"]["pen_up_ms_p50"] += 1000
    text = MEASURED.read_text(encoding="utf-8")
    lines = zip(text.splitlines(), replaced(text, other).splitlines(), strict=True)
    (changed,) = [old for old, new in lines if old != new]
    assert "lifting the pen" in changed
