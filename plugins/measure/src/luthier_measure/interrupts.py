"""Ctrl-C during a measurement: once to end after the present point, twice to stop at once."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any, Literal, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType, TracebackType

__all__ = ["Interrupts", "tell"]


_ENDS = "Ctrl-C: the run ends after this point. Press it once more to stop at once."
_STEP = (
    "Ctrl-C: the run has ended; its instruments are being brought into their final state. "
    "Press it once more to leave out this step."
)


class Interrupts:
    """Takes over Ctrl-C inside a ``with`` block, in the main thread; elsewhere Ctrl-C does not arrive anyway.

    The first Ctrl-C asks the run to stop, and all runs inside of which it is measured; the second one raises
    ``KeyboardInterrupt``, once, and only inside :meth:`at_once`: anywhere else it would cost points that are still on
    their way into the file.

    Parameters
    ----------
    stop
        Called at the first Ctrl-C, inside the signal handler.
    """

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._previous: Any = None
        self._pressed = 0
        self._within: Literal["", "measuring", "step"] = ""
        self._over = False

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """Let a second Ctrl-C interrupt what is in the block; what comes after the block saves data, in peace."""
        self._within = "measuring"
        try:
            yield
        finally:
            self._within = ""
            self._over = True

    @contextlib.contextmanager
    def step(self) -> Iterator[None]:
        """Let a second Ctrl-C interrupt this step of what is done after the measurement."""
        self._pressed = 0
        self._within = "step"
        try:
            yield
        finally:
            self._within = ""

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

    def stop_all(self) -> None:
        """Ask this run to stop, and those around it, of whose present point it is a part."""
        self._stop()
        around = getattr(self._previous, "__self__", None)
        if isinstance(around, Interrupts):
            around.stop_all()

    def _interrupted(self, _signal: int, _frame: FrameType | None) -> None:
        if self._over and self._within != "step":
            return
        self._pressed += 1
        if self._pressed == 1:
            if not self._over:
                self.stop_all()
            tell(_STEP if self._over else _ENDS)
        elif self._within:
            # Whoever presses it a third time has been heard; the way out is not to be interrupted.
            self._within = ""
            raise KeyboardInterrupt


def tell(message: str) -> None:
    """Print a message to the person at the keyboard, from inside a signal handler too."""
    with contextlib.suppress(OSError, RuntimeError, ValueError):
        # The handler may have come in the middle of another print.
        print(message, file=sys.stderr, flush=True)  # noqa: T201 - to a person at the keyboard
