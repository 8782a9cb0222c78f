"""Measuring in a thread of its own, and what becomes of it when the program ends."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

from luthier_measure.interrupts import tell
from luthier_measure.live_runs import live_runs

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from luthier_measure.live_runs import LiveRun

__all__ = ["hear_interrupts_at_the_end", "is_at_a_prompt", "start", "when_program_ends"]

_log = logging.getLogger("luthier.measure")


def start(live: LiveRun, work: Callable[[], None]) -> None:
    """Carry out a measurement in a thread that the interpreter waits for before it ends.

    What it raises is kept in ``live.ended_by``, and logged with its traceback.
    """

    def carry_out() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - kept, for whoever waits for the run
            live.ended_by = error
            _log.error("run %s %r in the background: %s", live.id, live.name, error, exc_info=error)
        finally:
            # Only now: who waits for the end finds the error.
            live.control.ended()

    live.thread = threading.Thread(target=carry_out, name=f"measure {live.id}", daemon=False)
    live.thread.start()


def when_program_ends(live: LiveRun) -> Callable[[], None]:
    """Give what is called ten times a second during a run in the background.

    When the program has come to its end, it says once that the run is waited for; where Ctrl-C ended the program, it
    ends the run too, after the present point.
    """
    told = False

    def look() -> None:
        nonlocal told
        if told or threading.main_thread().is_alive():
            return
        told = True
        if getattr(sys, "last_type", None) is KeyboardInterrupt:
            live.control.stop()
            tell(f"Ctrl-C: run {live.id} {live.name!r} ends after this point.")
        elif live.control.state != "ended":
            tell(
                f"The program waits for run {live.id} {live.name!r}, which is {live.control.state}. "
                "Ctrl-C ends it after the present point."
            )

    return look


def is_at_a_prompt() -> bool:
    """Whether somebody types commands into this terminal, where a bar that moves would be in the way."""
    return hasattr(sys, "ps1") and "ipykernel" not in sys.modules


class _AtTheEnd:
    """Handles Ctrl-C while the interpreter waits for runs; before that, whoever had it handles it."""

    def __init__(self, before: Any) -> None:
        self._before = before
        self._pressed = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        background = [live for live in live_runs() if live.thread is not None]
        if threading.main_thread().is_alive() or not background:
            self._pass_on(number, frame)
        elif self._pressed:
            # Nothing can interrupt a thread: the process goes down, and what is in the files stays.
            raise KeyboardInterrupt
        else:
            self._pressed = True
            for live in background:
                live.control.stop()
            tell("Ctrl-C: the runs end after their present points. Press it once more to leave them interrupted.")

    def _pass_on(self, number: int, frame: FrameType | None) -> None:
        if callable(self._before):
            self._before(number, frame)


def hear_interrupts_at_the_end() -> None:
    """Have Ctrl-C end runs in the background in order when the interpreter already waits for them."""
    before = signal.getsignal(signal.SIGINT)
    # Where the program ignores Ctrl-C, or something that is not Python handles it, that stays so.
    if threading.current_thread() is threading.main_thread() and callable(before) and not isinstance(before, _AtTheEnd):
        signal.signal(signal.SIGINT, _AtTheEnd(before))
