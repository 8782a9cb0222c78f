"""Functions that a plan calls for what they do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from luthier.errors import UsageError
from luthier.parameter import Parameter

__all__ = ["Action", "checked_action"]

Action: TypeAlias = Callable[[], object]


def checked_action(action: Any, called: str, *, who: str = "") -> Action | None:
    """Return a function without arguments, or ``None``; raise :class:`~luthier.errors.UsageError` otherwise."""
    if action is not None and (not callable(action) or isinstance(action, Parameter)):
        raise UsageError(
            f"{called}={action!r}: allowed is a function without arguments",
            who=who,
            advice=f"Write {called}=lambda: …, so that it is done then and not now.",
        )
    return action
