"""The rule that the output of a source never jumps: when a range or a function may be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier.errors import IrrelevantParameterError, ValidationError

if TYPE_CHECKING:
    from luthier import Instrument

__all__ = ["largest_level", "require_off", "require_quiet"]

OVER_RANGE = 1.2


def largest_level(source_range: float, limits: dict[float, float]) -> float:
    """Return the largest level of a range: 120 % of it, or what `limits` says of it.

    >>> largest_level(1.0, {30.0: 32.0}), largest_level(30.0, {30.0: 32.0})
    (1.2, 32.0)
    """
    return limits.get(source_range, round(source_range * OVER_RANGE, 9))


def require_off(source: Instrument, what: str) -> None:
    """Refuse to change `what` while the output is on; it is asked for anew.

    Raises :class:`~luthier.errors.IrrelevantParameterError`; nothing was sent then.
    """
    if source["output"].get():
        raise IrrelevantParameterError(
            f"cannot change {what}: the output is on, and might jump",
            who=source.full_name,
            state="Nothing was sent.",
            advice=f"Bring the level to 0 and call {source.name}.output(False) first.",
            condition="the output is off",
        )


def require_quiet(source: Instrument, level: str, unit: str, largest: float) -> None:
    """Refuse to change the range unless the output is off or at 0, and the new range holds the level.

    `level` names the parameter of the level, `largest` is the largest one of the new range. Level and output are asked
    for anew. Raises :class:`~luthier.errors.IrrelevantParameterError` or :class:`~luthier.errors.ValidationError`;
    nothing was sent then.
    """
    present = source[level].get()
    if present and source["output"].get():
        raise IrrelevantParameterError(
            f"cannot change the range: the output is on at {present:g} {unit}, and might jump",
            who=source.full_name,
            state="Nothing was sent.",
            advice=f"Bring {source.name}.{level} to 0, or call {source.name}.output(False), first.",
            condition=f"the output is off, or {level} is 0 {unit}",
        )
    if abs(present) > largest:
        raise ValidationError(
            f"cannot change the range: the level is {present:g} {unit}, and the range ends at {largest:g} {unit}",
            who=source.full_name,
            state="Nothing was sent.",
            advice=f"Set {source.name}.{level} to a level that the range holds first.",
            value=present,
            allowed=f"a range that holds {present:g} {unit}",
        )
