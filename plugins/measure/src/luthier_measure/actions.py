"""Functions that a plan calls for what they do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from luthier.errors import UsageError
from luthier.parameter import Parameter

from luthier_measure.arity import require_arity

__all__ = ["Action", "actions_data", "checked_action"]

Action: TypeAlias = Callable[[], object]


def checked_action(action: Any, called: str, *, who: str = "") -> Action | None:
    """Return a function without arguments, or ``None``; raise :class:`~luthier.errors.UsageError` otherwise."""
    if action is not None and (not callable(action) or isinstance(action, Parameter)):
        raise UsageError(
            f"{called}={action!r}: allowed is a function without arguments",
            who=who,
            advice=f"Write {called}=lambda: …, so that it is done then and not now.",
        )
    if action is not None:
        require_arity(action, who=f"{who}: {called}=" if who else f"{called}=", advice="Write lambda: … around it.")
    return action


def actions_data(before: Action | None, after: Action | None) -> dict[str, str]:
    """Name what is done before and after, as it is stored with a plan; what is not done has no entry."""
    given = {"before": before, "after": after}
    return {key: str(getattr(each, "__name__", "a function")) for key, each in given.items() if each is not None}
