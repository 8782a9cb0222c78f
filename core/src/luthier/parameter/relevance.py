"""Conditional parameters: those that mean something only while others have given values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier.errors import IrrelevantParameterError

if TYPE_CHECKING:
    from luthier.parameter.description import DescribedParameter
    from luthier.parameter.live import Parameter

__all__ = ["is_relevant", "require_relevant"]


def is_relevant(parameter: DescribedParameter[Any], *, cached: bool = False) -> bool:
    """Tell whether the condition of ``relevant_when`` holds.

    With ``cached`` nothing is asked of the instrument: what is not known counts as not holding, and a condition that is
    a function, which cannot be told without asking, as holding.
    """
    condition = parameter.specification.relevant_when
    if condition is None:
        return True
    if callable(condition):
        return cached or bool(condition(parameter.host))
    return all(_value(parameter.sibling(name), cached) in _several(wanted) for name, wanted in condition.items())


def require_relevant(parameter: DescribedParameter[Any]) -> None:
    """Raise :class:`~luthier.errors.IrrelevantParameterError` unless the condition of ``relevant_when`` holds."""
    if is_relevant(parameter):
        return
    condition = parameter.specification.relevant_when
    advice = ""
    if callable(condition):
        text = (condition.__doc__ or "its condition holds").strip()
    else:
        named = {name: _several(wanted) for name, wanted in (condition or {}).items()}
        wanted = " and ".join(f"{name} is {' or '.join(map(repr, values))}" for name, values in named.items())
        now = ", ".join(f"{name} is {parameter.sibling(name).cache.value!r}" for name in named)
        text = f"{wanted} (now {now})"
        advice = _advice(parameter, named)
    raise IrrelevantParameterError(
        f"has a meaning only while {text}",
        who=parameter.full_name,
        state="Nothing was sent to it.",
        advice=advice,
        condition=text,
    )


def _advice(parameter: DescribedParameter[Any], named: dict[str, tuple[Any, ...]]) -> str:
    """Say what to write to make a condition hold; nothing where it cannot be set."""
    others = [(parameter.sibling(name), values) for name, values in named.items()]
    missing = [(other, values) for other, values in others if other.cache.value not in values]
    if not all(other.settable for other, _ in missing):
        return ""
    return f"Write {' and '.join(f'{other.full_name}({values[0]!r})' for other, values in missing)} first."


def _value(parameter: Parameter[Any], cached: bool) -> object:
    return parameter.cache.value if cached else parameter.known_or_read()


def _several(wanted: Any) -> tuple[Any, ...]:
    return tuple(wanted) if isinstance(wanted, (tuple, list, set, frozenset)) else (wanted,)
