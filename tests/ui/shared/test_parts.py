"""Parts of which pages build their HTML."""

import pytest

from ui.shared import parts


@pytest.mark.parametrize(("value", "percent"), [(-9, 0), (-3, 0), (0, 50), (1.5, 75), (9, 100)])
def test_values_stand_on_a_line_from_minus_three_to_three(value: float, percent: float) -> None:
    assert f'class="mean" style="left:{percent:.1f}%"' in parts.track(value, 1.0)


def test_a_range_stands_around_its_mean_and_a_spot_where_it_is() -> None:
    shown = parts.track(0.0, 0.6, spot=1.5)
    assert 'class="range" style="left:40.0%;right:40.0%"' in shown
    assert 'class="spot" style="left:75.0%"' in shown and "mean" not in shown


def test_text_is_escaped() -> None:
    assert parts.framed("<b>", "<i>").striptags() == "<b><i>"
