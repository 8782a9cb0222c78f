"""Pausing, resuming and stopping a measurement: what others ask, and what the loop makes of it between two points."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from luthier_measure.suspenders import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from luthier_measure.suspenders import Suspender

__all__ = ["POLL_INTERVAL", "RunControl", "State", "StopRequested"]

State = Literal["waiting", "running", "pausing", "paused", "suspended", "stopping", "ending", "ended"]
"""What a run is doing.

``waiting``: in the background, for instruments that another run uses; nothing was set. ``pausing`` and ``stopping``:
asked for, while the present point goes on. ``paused``: standing still on request. ``suspended``: standing still because
a suspender's condition is bad. ``ending``: bringing instruments into their final state. ``ended``: everything is
stored.
"""

POLL_INTERVAL = 0.05
"""Seconds between two looks of a run that stands still or waits. It sleeps in between instead of waiting for an event,
because Ctrl-C is handled in the middle of such a wait, where nothing that has a lock may be touched."""


_WAIT_SLICE = 0.2
"""Seconds that other threads wait in one go, so that Ctrl-C is heard on every system."""


class StopRequested(BaseException):
    """A run was asked to end after the present point. No ``except Exception`` of the user's holds it up.

    Attributes
    ----------
    control
        That of the run; ``None``: the one that is measured innermost.
    """

    def __init__(self, control: RunControl | None = None) -> None:
        super().__init__()
        self.control = control


class RunControl:
    """What a run is asked to do, by any thread and by Ctrl-C, and what its loop does about it.

    The loop looks at :attr:`requests` and :attr:`failures` after each point, and calls :meth:`attend` when one of them
    is not empty. Asking is thread-safe, and safe inside a signal handler; ``attend`` and ``wait`` belong to the thread
    that measures.

    Parameters
    ----------
    suspenders
        Conditions under which the run stands still.
    """

    def __init__(self, suspenders: Iterable[Suspender] = ()) -> None:
        self.requests: list[object] = []
        """Not empty when there is something to attend to."""
        self.failures: Sequence[Exception] = ()
        """What the storage has to say; not empty when nothing can be stored any more."""
        self.pauses: list[dict[str, Any]] = []
        """When the run stood still, and why, in JSON's terms; times in seconds since 1970."""
        self.thread: int | None = None
        """The thread that measures, once it does."""
        self.on_pause: Callable[[], None] = lambda: None
        """Called in the thread that measures, when a pause begins or ends, before :attr:`state` says so."""
        self._watch = Watch(suspenders)
        self._stop_asked = False
        self._pause_asked = False
        self._standing: Literal["", "waiting", "paused", "suspended"] = ""
        self._reason = ""
        self._phase: Literal["measuring", "ending", "ended"] = "measuring"
        self._changed = threading.Condition()

    # Asking

    def stop(self) -> None:
        """Ask for the end after the present point; at once where the run stands still or waits before a reading."""
        self._stop_asked = True
        self.requests.append("stop")

    def pause(self) -> None:
        """Ask to stand still after the present point."""
        self._pause_asked = True
        self.requests.append("pause")

    def resume(self) -> None:
        """Take back :meth:`pause`."""
        self._pause_asked = False
        self.requests.append("resume")

    def look_if_due(self) -> None:
        """Have the loop look at the suspenders after the present point, where one of them is due."""
        if self._watch.is_due(time.monotonic()) and not self.requests:
            self.requests.append("look")

    @property
    def state(self) -> State:
        """What the run is doing."""
        if self._phase != "measuring":
            return self._phase
        if self._stop_asked:
            return "stopping"
        return self._standing or ("pausing" if self._pause_asked else "running")

    @property
    def reason(self) -> str:
        """Why a run is suspended, or waits; empty otherwise."""
        return self._reason if self.state in {"suspended", "waiting"} else ""

    def wait_for(self, *states: State, timeout: float | None) -> bool:
        """Wait until the run is in one of the states, or has ended; tell whether it is.

        In the thread that measures, which would wait for itself, the answer comes at once.
        """
        if threading.get_ident() == self.thread:
            timeout = 0
        ends = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while (state := self.state) not in states and state != "ended":
                left = _WAIT_SLICE if ends is None else min(_WAIT_SLICE, ends - time.monotonic())
                if left <= 0:
                    break
                self._changed.wait(left)
            return self.state in states

    # Measuring

    @contextmanager
    def waiting(self, reason: str) -> Iterator[Callable[[], None]]:
        """Say that the run has not begun yet; gives what raises :class:`StopRequested` where it is not to begin."""
        noted: dict[str, Any] = {"kind": "waiting", "began": time.time(), "ended": None, "reason": reason}
        self.pauses.append(noted)
        self._standing, self._reason = "waiting", reason
        try:
            yield self._end_if_asked
        finally:
            noted["ended"] = time.time()
            with self._changed:
                self._standing, self._reason = "", ""
                self._changed.notify_all()

    def begin(self) -> None:
        """Say that this thread measures from now on; before the first point, look at what is to be looked at.

        Raises :class:`StopRequested`, as :meth:`attend`.
        """
        self.thread = threading.get_ident()
        if self._watch.suspenders or self.requests:
            self.attend()

    def attend(self) -> bool:
        """Do what is asked: return when the run may go on.

        Returns
        -------
        bool
            Whether the last point was taken while a suspender's condition was bad, and is to be taken again.

        Raises
        ------
        StopRequested
            The run is to end.
        Exception
            The first of ``failures``; or what an action of a suspender raised.
        """
        again = False
        while True:
            # Before looking: what is asked for meanwhile is seen the next time.
            self.requests.clear()
            self._end_if_asked()
            if self._pause_asked:
                self._stand("paused", "")
            elif reason := self._watch.look(time.monotonic(), now_anyway=self._standing == "paused"):
                again = True
                self._stand("suspended", reason)
            else:
                self._go_on()
                return again
            time.sleep(POLL_INTERVAL)

    def wait(self, seconds: float) -> bool:
        """Wait before a reading, and attend to what is asked meanwhile.

        Time during which the run stands still counts. Returns and raises as :meth:`attend` does; ``True`` comes before
        the time is over.
        """
        if seconds < POLL_INTERVAL:
            time.sleep(seconds)
            return False
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            if (self.requests or self.failures) and self.attend():
                return True
            time.sleep(min(left, POLL_INTERVAL))
        return False

    def sleep(self, seconds: float) -> None:
        """Wait in the middle of a point; only a stop is attended to, by :class:`StopRequested`."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            self._end_if_asked()
            time.sleep(min(left, POLL_INTERVAL))

    # Ending

    def ending(self) -> None:
        """Say that no point comes any more."""
        self._close_pause()
        self._enter("ending")

    def ended(self) -> None:
        """Say that everything is stored."""
        self._enter("ended")

    # Inside

    def _enter(self, phase: Literal["ending", "ended"]) -> None:
        with self._changed:
            self._phase = phase
            self._changed.notify_all()

    def _end_if_asked(self) -> None:
        if self.failures:
            raise self.failures[0]
        if self._stop_asked:
            raise StopRequested(self)

    def _stand(self, how: Literal["paused", "suspended"], reason: str) -> None:
        self._reason = reason
        if how == "suspended":
            self._watch.before_pausing()
        if self._standing == how:
            return
        self._close_pause()
        noted: dict[str, Any] = {"kind": how, "began": time.time(), "ended": None}
        if how == "suspended":
            noted |= {"reason": reason, "last_good": self._watch.last_good}
        self.pauses.append(noted)
        self.on_pause()
        with self._changed:
            self._standing = how
            self._changed.notify_all()

    def _go_on(self) -> None:
        if not self._standing:
            return
        self._watch.before_resuming()
        self._close_pause()
        self.on_pause()
        with self._changed:
            self._standing = ""
            self._changed.notify_all()

    def _close_pause(self) -> None:
        if self.pauses and self.pauses[-1]["ended"] is None:
            self.pauses[-1]["ended"] = time.time()
