"""Whether a function can be called with what it will be given."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from luthier.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["require_arity"]


def require_arity(function: Callable[..., object], given: Sequence[str] = (), *, who: str, advice: str) -> None:
    """Refuse before anything is set what could not be called later.

    Functions that do not say what they take, as some that are written in C, are not refused.

    Parameters
    ----------
    function
        What will be called.
    given
        A name for each argument that it will get.
    who, advice
        Who asks, and what to do instead.

    Raises
    ------
    UsageError
        It takes other arguments.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*given)
    except TypeError as error:
        gets = f"the values of {', '.join(given)}" if given else "no argument"
        raise UsageError(f"the function takes {signature}, and gets {gets}: {error}", who=who, advice=advice) from None
