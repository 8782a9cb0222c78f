"""Parameters whose value or limits depend on others: what is known of them ends when those change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from luthier.parameter.cache import Reading
    from luthier.parameter.live import Parameter

__all__ = ["link", "outdate"]


def link(parameter: Parameter[Any]) -> None:
    """Have ``parameter`` told, from now on, when one of those named in its ``depends_on`` changes."""
    for path in parameter.specification.depends_on:
        other = parameter.sibling(path)
        if parameter not in other.dependents:
            other.dependents = (*other.dependents, parameter)


def outdate(dependents: tuple[Parameter[Any], ...], value: object, before: Reading) -> None:
    """Mark what is known of ``dependents`` as no longer valid, unless ``value`` is what was known before."""
    if before[4] and _same(value, before[0]):
        return
    for dependent in dependents:
        dependent.forget_asked_limits()
        reading = dependent.cache.reading
        if reading[4]:  # where two depend on each other, this ends the round
            dependent.cache.invalidate()
            outdate(dependent.dependents, None, reading)


def _same(one: Any, other: Any) -> bool:
    equal = one == other
    return bool(equal.all()) if hasattr(equal, "all") else bool(equal)
