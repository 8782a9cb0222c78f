"""How far a driver is with something that takes minutes, for those who want to know."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

__all__ = ["Progress", "ProgressSource", "ProgressSubscription"]

_log = logging.getLogger("luthier.instrument")


class Progress(NamedTuple):
    """One report.

    ``fraction`` is 0 to 1; ``None`` where the driver does not know how long it will take.
    """

    instrument: Any
    fraction: float | None
    text: str


class ProgressSubscription:
    """A callback that is told of progress, until :meth:`cancel` or the end of a ``with`` block."""

    def __init__(self, callback: Callable[[Progress], object], cancel: Callable[[ProgressSubscription], None]) -> None:
        self.callback = callback
        self._cancel = cancel

    def cancel(self) -> None:
        """Stop being told; twice is fine."""
        self._cancel(self)

    def __enter__(self) -> Self:
        """Return the subscription itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Cancel."""
        self.cancel()


class ProgressSource:
    """Whatever progress can be heard of: an instrument, or the proxy of one."""

    _progress_watchers: tuple[ProgressSubscription, ...] = ()

    def subscribe_progress(self, callback: Callable[[Progress], object]) -> ProgressSubscription:
        """Call ``callback`` with a :class:`Progress` whenever a driver's method says how far it is.

        In the process of the instrument that is done by the thread that reports, at once; of an instrument on a server
        another thread tells the latest report, at most fifty times a second. What the callback raises is logged.
        """
        subscription = ProgressSubscription(callback, self._drop_progress_watcher)
        self._progress_watchers = (*self._progress_watchers, subscription)
        return subscription

    def _drop_progress_watcher(self, subscription: ProgressSubscription) -> None:
        self._progress_watchers = tuple(other for other in self._progress_watchers if other is not subscription)

    def tell_progress(self, fraction: float | None, text: str) -> None:
        """Tell all who subscribed; nothing is checked."""
        progress = Progress(self, fraction, text)
        for watcher in self._progress_watchers:
            try:
                watcher.callback(progress)
            except Exception:  # noqa: BLE001 - it is the watcher's failure, not the instrument's
                _log.exception("%s: a callback for progress failed", getattr(self, "name", "an instrument"))
