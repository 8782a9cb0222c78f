"""What a parameter is tried with, and whether what it reads back is the same."""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from luthier import validators as v
from luthier.testing.strategies import invalid_values, valid_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

    from luthier.parameter import Parameter

__all__ = ["is_same", "right_values", "wrong_values"]

_FEW = 4
_LOOSEST = 1e-3
"""Of the value: a reply with fewer digits than this says too little."""


def right_values(parameter: Parameter[Any]) -> list[Any]:
    """Return the values to try: every option, or the ends of the range and a value between, or a few drawn ones."""
    validator = parameter.validator
    if validator is None:
        return []
    specification = parameter.specification
    if specification.rate is not None or specification.step is not None:
        return [parameter.get()] if parameter.gettable else []
    if isinstance(validator, v.Enum):
        return [value for value in validator.values if _is_within(parameter, value)]
    if isinstance(validator, v.Bool):
        return [True, False]
    if isinstance(validator, v.Numbers | v.Ints):
        return _ends(parameter, whole=isinstance(validator, v.Ints))
    return _drawn(valid_values, validator)


def wrong_values(parameter: Parameter[Any]) -> list[Any]:
    """Return values that have to be refused: just outside of the range, and a few that the validator refuses."""
    validator = parameter.validator
    if validator is None:
        return []
    found = _drawn(invalid_values, validator)
    if isinstance(validator, v.Numbers | v.Ints):
        low, high = parameter.limits
        whole = isinstance(validator, v.Ints)
        found += [_beyond(bound, sign, whole) for bound, sign in ((low, -1), (high, 1)) if bound is not None]
    return found


def is_same(parameter: Parameter[Any], value: Any, read: Any) -> bool:
    """Tell whether what was read is what was set, exactly or to the resolution that is stated.

    That is the parameter's own, or half of the last digit of the reply.
    """
    if isinstance(value, float) and isinstance(read, int | float) and not isinstance(read, bool):
        return value == read or abs(value - read) <= _tolerance(parameter, value)
    if hasattr(value, "shape") or hasattr(read, "shape"):
        return bool((value == read).all()) if getattr(value, "shape", 0) == getattr(read, "shape", 1) else False
    return bool(value == read)


def _tolerance(parameter: Parameter[Any], value: float) -> float:
    stated = (parameter.specification.resolution or 0.0) / 2
    factor = abs(parameter.specification.scale or 1.0)
    raw = parameter.cache.raw
    digits = 0.0
    if isinstance(raw, str):
        try:
            exponent = Decimal(raw.strip()).as_tuple().exponent
        except InvalidOperation:
            exponent = None
        if isinstance(exponent, int):
            digits = 0.5000001 * 10.0**exponent / factor
    return max(stated, min(digits, _LOOSEST * abs(value)), 4 * math.ulp(value))


def _ends(parameter: Parameter[Any], *, whole: bool) -> list[Any]:
    low, high = parameter.limits
    if low is None and high is None:
        return [0, 1] if whole else [0.0, 1.0]
    if low is None or high is None:
        bound = high if low is None else low
        assert bound is not None
        inside = bound + (1 if high is None else -1)
        values: list[float] = [bound, inside]
    else:
        values = [low, high, (low + high) / 2]
    return list(dict.fromkeys(int(value) if whole else float(value) for value in values))


def _beyond(bound: float, sign: int, whole: bool) -> float:
    return int(bound) + sign if whole else math.nextafter(bound, sign * math.inf)


def _is_within(parameter: Parameter[Any], value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float) or not parameter.limits_are_dynamic:
        return True
    low, high = parameter.limits
    return (low is None or value >= low) and (high is None or value <= high)


def _drawn(strategy_for: Callable[[Any], SearchStrategy[Any]], validator: Any) -> list[Any]:
    """Return a few values drawn for a validator, always the same ones."""
    key = (strategy_for.__name__, type(validator), repr(validator))
    if key not in _known:
        _known[key] = _draw(strategy_for(validator))
    return list(_known[key])


_known: dict[tuple[str, type, str], list[Any]] = {}
"""What was drawn already: hypothesis takes longer than the driver, and many parameters are validated alike."""


def _draw(strategy: SearchStrategy[Any]) -> list[Any]:
    from hypothesis import HealthCheck, Phase, given, settings  # noqa: PLC0415 - heavy

    found: list[Any] = []
    if strategy.is_empty:
        return found

    @settings(
        max_examples=_FEW,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def keep(value: Any) -> None:
        found.append(value)

    keep()
    return found
