"""Which strategy is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from luthier import plugins
from luthier.errors import UsageError

if TYPE_CHECKING:
    from luthier.strategy import Strategy

__all__ = ["StrategyLike", "strategy_for", "strategy_name"]

StrategyLike: TypeAlias = "str | Strategy"
"""The id of an installed strategy (``"meta.parallel"``), or any callable that does what one does."""


def strategy_for(meant: StrategyLike) -> Strategy:
    """Return the strategy that is meant, loading it where it is named.

    Raises :class:`~luthier.errors.UnknownPluginError`, which says what is near, and
    :class:`~luthier.errors.UsageError` for what is neither a name nor callable.
    """
    found: Any = plugins.registry("strategies").load(meant) if isinstance(meant, str) else meant
    if not callable(found):
        raise UsageError(
            f"{found!r} is no strategy: allowed are the id of one, such as 'meta.parallel', and a callable",
            state="Nothing was sent.",
        )
    return found  # type: ignore[no-any-return]  # what it returns is what the protocol says


def strategy_name(meant: StrategyLike) -> str:
    """Return the name for snapshots and messages."""
    return meant if isinstance(meant, str) else getattr(meant, "__name__", repr(meant))
