"""Ctrl-C during a measurement: once to end after the present point, twice to stop at once."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import FrameType, TracebackType

__all__ = ["Interrupts", "StopRequested"]


_MESSAGE = "Ctrl-C: the run ends after this point. Press it once more to stop at once."


class StopRequested(Exception):  # noqa: N818 - not an error
    """The measurement was asked to end after the present point."""


class Interrupts:
    """Takes over Ctrl-C inside a ``with`` block, in the main thread; elsewhere Ctrl-C does not arrive anyway.

    The first Ctrl-C gives a :class:`StopRequested` to the loop; the second one raises ``KeyboardInterrupt``.
    """

    def __init__(self) -> None:
        self.requests: list[StopRequested] = []
        """Empty until the first Ctrl-C; the loop looks at it after each point."""
        self._previous: Any = None
        self._held = False

    def hold(self) -> None:
        """Let no further Ctrl-C interrupt what follows, until the block ends: data are being saved."""
        self._held = True

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
        if self._held:
            return
        if self.requests:
            raise KeyboardInterrupt
        self.requests.append(StopRequested())
        with contextlib.suppress(OSError, RuntimeError, ValueError):
            # The handler may have come in the middle of another print.
            print(_MESSAGE, file=sys.stderr, flush=True)  # noqa: T201 - to a person at the keyboard
