"""Ctrl-C during a measurement: once to end after the present point, twice to stop at once."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType, TracebackType

__all__ = ["Interrupts", "StopRequested"]


_MESSAGE = "Ctrl-C: the run ends after this point. Press it once more to stop at once."


class StopRequested(Exception):  # noqa: N818 - not an error
    """The measurement was asked to end after the present point."""


class Interrupts:
    """Takes over Ctrl-C inside a ``with`` block, in the main thread; elsewhere Ctrl-C does not arrive anyway.

    The first Ctrl-C gives a :class:`StopRequested` to the loop; the second one raises ``KeyboardInterrupt``, once, and
    only inside :meth:`at_once`: anywhere else it would cost points that are still on their way into the file.
    """

    def __init__(self) -> None:
        self.requests: list[StopRequested] = []
        """Empty until the first Ctrl-C; the loop looks at it after each point."""
        self._previous: Any = None
        self._may_raise = False
        self._over = False

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """Let a second Ctrl-C interrupt what is in the block; what comes after the block saves data, in peace."""
        self._may_raise = True
        try:
            yield
        finally:
            self._may_raise = False
            self._over = True

    def __enter__(self) -> Self:
        """Take over."""
        if threading.current_thread() is threading.main_thread():
            self._previous = signal.signal(signal.SIGINT, self._interrupted)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Give back."""
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)

    def _interrupted(self, _signal: int, _frame: FrameType | None) -> None:
        if self._over:
            return
        if self.requests:
            if self._may_raise:
                # Whoever presses it a third time has been heard; the way out is not to be interrupted.
                self._may_raise = False
                raise KeyboardInterrupt
            return
        self.requests.append(StopRequested())
        with contextlib.suppress(OSError, RuntimeError, ValueError):
            # The handler may have come in the middle of another print.
            print(_MESSAGE, file=sys.stderr, flush=True)  # noqa: T201 - to a person at the keyboard
