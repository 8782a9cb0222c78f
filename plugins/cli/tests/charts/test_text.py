from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from luthier_cli.charts.panel import Axis, Panel
from luthier_cli.charts.text import ASCII, UNICODE, Characters, draw


def _axis(values: object, label: str = "Voltage", unit: str = "V") -> Axis:
    return Axis(label, unit, np.asarray(values, dtype=np.float64))


def _drawn(panel: Panel, width: int, height: int, characters: Characters) -> list[str]:
    return draw(panel, width, height, characters).split("\n")


def test_a_rising_line_goes_from_the_lower_left_to_the_upper_right() -> None:
    panel = Panel(_axis([0, 1]), _axis([0, 2e-3], "Current", "A"))
    lines = _drawn(panel, 24, 8, ASCII)
    assert lines == [
        "Current (mA)",
        " 2|                 ****",
        "  |           ******",
        "  |    *******",
        " 0|****",
        "  +---------------------",
        "   0                   1",
        "        Voltage (V)",
    ]


def test_a_line_is_not_drawn_across_points_that_are_missing() -> None:
    panel = Panel(_axis([0, 1, 2, 3, 4]), _axis([0, 0, np.nan, 1, 1]))
    (upper,) = [line for line in _drawn(panel, 40, 8, ASCII) if line.startswith(" 1|")]
    assert upper.strip(" 1|*") == ""
    assert 7 <= upper.count("*") <= 12


def test_an_image_has_its_lowest_row_at_the_bottom_and_its_highest_value_darkest() -> None:
    panel = Panel(_axis([0, 1]), _axis([5, 6], "Field", "T"), _axis([[0.0, 1.0], [2.0, 4.0]], "Current", "A"))
    lines = _drawn(panel, 20, 8, ASCII)
    assert lines[0] == "Current (A): . 0 to @ 4"
    assert lines[2] == " 6|+++++++++@@@@@@@@"
    assert lines[5].startswith(" 5|........")


def test_what_an_image_does_not_know_is_left_blank() -> None:
    panel = Panel(_axis([0, 1]), _axis([0, 1]), _axis([[np.nan, 1.0], [1.0, 2.0]]))
    bottom = next(line for line in _drawn(panel, 20, 8, ASCII) if line.startswith(" 0|"))
    assert bottom.startswith(" 0|        ")


def test_ascii_is_enough_where_nothing_else_can_be_shown() -> None:
    image = Panel(_axis([0, 1]), _axis([0, 1]), _axis([[0.0, 1.0], [2.0, 3.0]]))
    for panel in (image, Panel(_axis([0, 1]), _axis([0, 1]))):
        assert draw(panel, 40, 10, ASCII).isascii()
        assert not draw(panel, 40, 10, UNICODE).isascii()


def test_very_long_lines_are_drawn_quickly() -> None:
    x = np.linspace(0, 20, 2_000_000)
    lines = _drawn(Panel(_axis(x), _axis(np.sin(x))), 80, 20, UNICODE)
    assert sum(len(line.split("│")[-1].strip()) > 0 for line in lines) >= 16


FLOATS = st.floats(allow_nan=True, allow_infinity=True, width=32)


@given(st.integers(1, 30).flatmap(lambda size: st.tuples(*[arrays(np.float64, size, elements=FLOATS)] * 2)))
@pytest.mark.parametrize("characters", [ASCII, UNICODE])
def test_any_line_fits_into_its_rectangle(characters: Characters, values: tuple[object, object]) -> None:
    lines = _drawn(Panel(_axis(values[0]), _axis(values[1])), 50, 12, characters)
    assert len(lines) == 12
    assert max(map(len, lines)) <= 50


@given(arrays(np.float64, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=FLOATS))
def test_any_image_fits_into_its_rectangle(values: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    rows, columns = values.shape
    panel = Panel(_axis(range(columns)), _axis(range(rows)), _axis(values))
    lines = _drawn(panel, 50, 13, ASCII)
    assert max(map(len, lines[1:])) <= 50


def test_dots_are_shaded_where_they_lie() -> None:
    panel = Panel(_axis([0, 1]), _axis([0, 1]), _axis([0, 5], "Gain", ""))
    lines = _drawn(panel, 24, 8, ASCII)
    assert lines[0] == "Gain: . 0 to @ 5"
    assert lines[2].endswith("@")
    assert lines[5].split("|")[1] == "."
    assert sum(line.count("@") + line.count(".") for line in lines[2:6]) == 2


def test_a_logarithmic_axis_is_named_so() -> None:
    axis = Axis("Frequency", "Hz", np.array([1.0, 10.0, 1e4]), logarithmic=True)
    lines = _drawn(Panel(axis, _axis([0, 1, 2])), 40, 8, ASCII)
    assert lines[-1].strip() == "log10 of Frequency (Hz)"
    assert lines[-2].split() == ["0", "4"]
