from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from luthier import Channel, Instrument, parameter

if TYPE_CHECKING:
    from collections.abc import Callable


class Heater(Channel):
    power = parameter(float, get_cmd="POW?", unit="W")


class Cryostat(Instrument):
    temperature = parameter(float, get_cmd="TEMP?", unit="K")
    note = parameter(str, unit="<b>&</b>")
    trace = parameter(np.ndarray, get_cmd=lambda _: np.arange(100.0).reshape(4, 25))
    text = parameter(str)

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, **options)
        self.heater = Heater(self, "heater")


class Cells(HTMLParser):
    """Collects the cells of a table, and complains of tags that are not a table's."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.caption = ""
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        assert tag in {"table", "caption", "tr", "th", "td"}
        assert not attrs
        self._inside = tag
        if tag == "tr":
            self.rows.append([])
        elif tag in {"th", "td"}:
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self._inside == "caption":
            self.caption += data
        else:
            self.rows[-1][-1] += data


@pytest.fixture
def cryostat(opened: Callable[..., Any]) -> Any:
    inst, _ = opened(Cryostat, name="cryo", TEMP="4.2", POW="0.5")
    inst.temperature()
    inst.note("<script>alert('x')</script>\nsecond line")
    inst.trace()
    inst.heater.power()
    inst.heater.power.cache.invalidate()
    return inst


def test_a_terminal_gets_aligned_columns_with_a_line_for_each_parameter(cryostat: Any) -> None:
    lines = str(cryostat).splitlines()
    assert lines[0] == "<Cryostat cryo at dict://cryo>"
    assert lines[1].split() == ["parameter", "value", "unit", "known", "since"]
    assert len(lines) == 2 + 5
    value, unit = lines[1].index("value"), lines[1].index("unit")
    temperature = next(line for line in lines if line.startswith("temperature"))
    assert temperature[value : value + 3] == "4.2"
    assert temperature[unit] == "K"
    assert temperature.endswith("read 0 s ago")
    power = next(line for line in lines if line.startswith("heater.power"))
    assert power.endswith("read 0 s ago, not valid")
    trace = next(line for line in lines if line.startswith("trace"))
    assert "…" in trace
    assert next(line for line in lines if line.startswith("text")) == "text"


def test_a_notebook_gets_a_table_in_which_nothing_is_taken_for_html(cryostat: Any) -> None:
    cells = Cells()
    cells.feed(cryostat._repr_html_())
    assert cells.caption == "<Cryostat cryo at dict://cryo>"
    rows = {row[0]: row[1:] for row in cells.rows}
    assert rows["temperature"][:2] == ["4.2", "K"]
    assert rows["note"][1] == "<b>&</b>"
    assert rows["note"][0].startswith("\"<script>alert('x')</script>")
    assert rows["heater.power"] == ["0.5", "W", "read 0 s ago, not valid"]
    assert rows["text"] == ["", "", ""]


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError("no")


def test_a_value_that_cannot_be_printed_does_not_cost_the_table() -> None:
    class Holder(Instrument):
        value = parameter(object)
        other = parameter(float)

    with Holder("holder") as holder:
        holder.value(Unprintable())
        holder.other(1.5)
        assert "Unprintable" in str(holder)
        assert "1.5" in str(holder)
        assert "Unprintable" in holder._repr_html_()


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.4, "0 s"), (59, "59 s"), (61, "1 min"), (7200, "2 h"), (86400 * 3, "3 d"), (59.7, "1 min")],
)
def test_ages_are_told_in_the_unit_that_fits(seconds: float, shown: str, cryostat: Any) -> None:
    value, raw, when, origin, valid = cryostat.temperature.cache.reading
    cryostat.temperature.cache.reading = (value, raw, when - seconds, origin, valid)
    line = next(line for line in str(cryostat).splitlines() if line.startswith("temperature"))
    assert line.endswith(f"read {shown} ago")
