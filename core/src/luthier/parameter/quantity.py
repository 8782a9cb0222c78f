"""Values with a unit, through pint where it is installed."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import Any

from luthier.errors import WrongTypeError

__all__ = ["in_unit"]


def in_unit(value: Any, unit: str) -> float:
    """Return the number of ``unit`` in ``value``: text such as ``"5 mV"``, or a pint quantity.

    Computed in decimal: ``"5.1 mV"`` is the float 0.0051 exactly. Raises :class:`~luthier.errors.WrongTypeError` where
    the units do not match, where the parameter has no unit, or where pint is not installed.
    """
    shown = repr(value) if isinstance(value, str) else str(value)
    if not unit:
        raise WrongTypeError(f"{shown}: the parameter has no unit", value=value, allowed="a number")
    try:
        registry, pint_error = _registry()
    except ImportError as error:
        raise WrongTypeError(
            f"{shown}: text with a unit is only understood where pint is installed",
            advice="Give a number, or: pip install pint",
            value=value,
            allowed=f"a number of {unit}",
        ) from error
    try:
        return float(_quantity(registry, value).to(unit).magnitude)
    except (pint_error, ValueError, TypeError, ArithmeticError, AttributeError) as error:
        raise WrongTypeError(
            f"{shown}: {error}", value=value, allowed=f"a number of {unit}, or text such as '1 {unit}'"
        ) from error


def _quantity(registry: Any, value: Any) -> Any:
    if isinstance(value, str):
        parts = _NUMBER_AND_UNIT.fullmatch(value)
        if parts is None:
            raise ValueError("it is no number with a unit")
        # Not registry.Quantity(value): pint calculates, and takes "5 mV 3" for 15 mV.
        return registry.Quantity(Decimal(parts["number"]), registry.parse_units(parts["unit"]))
    return registry.Quantity(Decimal(repr(float(value.magnitude))), str(value.units))


_NUMBER_AND_UNIT = re.compile(r"\s*(?P<number>[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)\s*(?P<unit>[^\W\d].*?|°.*?|%)\s*")


@cache
def _registry() -> tuple[Any, type[Exception]]:
    import pint  # noqa: PLC0415 - optional, and slow to import

    return pint.UnitRegistry(non_int_type=Decimal), pint.PintError
