from __future__ import annotations

from typing import Any

import pint
import pytest
from luthier import ManualParameter
from luthier.errors import ValidationError, WrongTypeError
from luthier.validators import Numbers


@pytest.fixture
def level() -> ManualParameter[float]:
    return ManualParameter("level", float, unit="V", validator=Numbers(-1, 1))


@pytest.mark.parametrize(
    ("text", "value"),
    [("5 mV", 0.005), ("5.1 mV", 0.0051), ("-0.3 V", -0.3), ("1e-3 kV", 1.0), ("12 µV", 1.2e-05)],
)
def test_text_with_a_unit_means_exactly_what_it_says(
    level: ManualParameter[float],
    text: str,
    value: float,
) -> None:
    level.set(text)  # type: ignore[arg-type]  # accepted where pint is installed
    assert level() == value


def test_a_quantity_of_any_registry_is_converted(level: ManualParameter[float]) -> None:
    quantity: Any = pint.UnitRegistry().Quantity(5.1, "mV")
    level.set(quantity)
    assert level() == 0.0051


@pytest.mark.parametrize("text", ["5", "5 A", "5 parsnips", "", "five volts", "5 mV; 3"])
def test_text_that_is_no_voltage_is_refused_with_an_example(level: ManualParameter[float], text: str) -> None:
    with pytest.raises(WrongTypeError, match=r"level: cannot be set: "):
        level.set(text)  # type: ignore[arg-type]  # that is what is tested


def test_limits_hold_for_quantities_too(level: ManualParameter[float]) -> None:
    with pytest.raises(ValidationError):
        level.set("2 V")  # type: ignore[arg-type]  # that is what is tested


def test_a_parameter_without_a_unit_takes_no_quantity() -> None:
    count = ManualParameter("count", float)
    with pytest.raises(WrongTypeError, match="has no unit"):
        count.set("5 V")  # type: ignore[arg-type]  # that is what is tested


def test_quantities_in_ohms_are_understood() -> None:
    load = ManualParameter("load", float, unit="Ω")
    load.set("1.5 kΩ")  # type: ignore[arg-type]  # accepted where pint is installed
    assert load() == 1500.0
