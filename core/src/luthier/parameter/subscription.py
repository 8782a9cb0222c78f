"""Being told of changes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from luthier.parameter.cache import Origin
    from luthier.parameter.live import Parameter

__all__ = ["Change", "Subscription", "publish"]

_log = logging.getLogger("luthier.parameter")


class Change(NamedTuple):
    """One new reading of a parameter.

    ``previous`` is the value known before (``None`` where none was); it equals ``value`` when a read found no change.
    """

    parameter: Parameter[Any]
    value: Any
    previous: Any
    origin: Origin


class Subscription:
    """A callback that is told of each new reading, until :meth:`cancel` or the end of a ``with`` block."""

    def __init__(self, callback: Callable[[Change], object], cancel: Callable[[Subscription], None]) -> None:
        self.callback = callback
        self._cancel = cancel

    def cancel(self) -> None:
        """Stop being told; twice is fine."""
        self._cancel(self)

    def __enter__(self) -> Self:
        """Return the subscription itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Cancel."""
        self.cancel()


def publish(watchers: tuple[Subscription, ...], change: Change) -> None:
    """Call every watcher; one that raises is logged and disturbs neither the others nor the caller."""
    for watcher in watchers:
        try:
            watcher.callback(change)
        except Exception:  # noqa: BLE001 - it is the watcher's failure, not the instrument's
            _log.exception("%s: a subscriber's callback failed", change.parameter.full_name)
