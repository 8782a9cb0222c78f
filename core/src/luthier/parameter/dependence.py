"""Parameters whose value or limits depend on others: what is known of them ends when those change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier.parameter.cache import EMPTY

if TYPE_CHECKING:
    from luthier.parameter.cache import Reading
    from luthier.parameter.live import Parameter

__all__ = ["link", "outdate"]


def link(parameter: Parameter[Any]) -> None:
    """Have ``parameter`` told, from now on, when one of those changes that its declaration names.

    They are those in its ``depends_on``, and the lengths in its ``shape``: an array of another length is another array.
    """
    specification = parameter.specification
    for path in (*specification.depends_on, *(length for length in specification.shape if isinstance(length, str))):
        other = parameter.sibling(path)
        if parameter not in other.dependents:
            other.dependents = (*other.dependents, parameter)
            other.followed = True
            other.recompile()


def outdate(parameter: Parameter[Any], before: Reading) -> None:
    """Mark what depends on ``parameter`` as no longer valid, where its new reading may be a change.

    A reading that gives what was known before is none, even if that was no longer trusted: two parameters that depend
    on each other would otherwise outdate each other for ever. A set is none only where that very value was trusted.
    """
    if not parameter.dependents:
        return
    after = parameter.cache.reading
    unchanged = before is not EMPTY and (before[4] or after[3] == "read") and _same(after[0], before[0])
    if not unchanged:
        _invalidate(parameter.dependents, {parameter})


def _invalidate(dependents: tuple[Parameter[Any], ...], done: set[Parameter[Any]]) -> None:
    for dependent in dependents:
        if dependent not in done:
            done.add(dependent)
            dependent.forget_asked_limits()
            dependent.cache.invalidate()
            _invalidate(dependent.dependents, done)


def _same(one: Any, other: Any) -> bool:
    equal = one == other
    return bool(equal.all()) if hasattr(equal, "all") else bool(equal)
