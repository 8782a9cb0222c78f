"""Errors that have to come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["require_error"]


def require_error(kind: type[Exception], call: Callable[[], object]) -> Any:
    """Call it, and return the error of that kind that it raises."""
    try:
        call()
    except kind as error:
        return error
    message = f"{kind.__name__} was not raised"
    raise AssertionError(message)
