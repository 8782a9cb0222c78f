"""Being told of changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from luthier.parameter.cache import Origin
    from luthier.parameter.live import Parameter

__all__ = ["Change", "Subscription"]


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
