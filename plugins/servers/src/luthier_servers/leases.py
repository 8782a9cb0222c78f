"""Leases: instruments that one client has for itself."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from luthier.errors import UsageError
from luthier.monitor import on_behalf_of, waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from luthier.monitor import Monitor

    from luthier_servers.running import RunningCall

__all__ = ["Leases"]

_log = logging.getLogger("luthier.servers")


class _Lease:
    """A thread that is in the monitors of some instruments, and lets in who names the lease."""

    def __init__(self, monitors: Sequence[Monitor], session: str, wait: float | None, calls: tuple[int, ...]) -> None:
        self.session = session
        self.number = 0
        self._monitors = monitors
        self._wait = wait
        self._calls = calls
        self._given = threading.Event()
        self._over = threading.Event()
        self._ends = float("inf")
        self._failure: BaseException | None = None
        self.thread = threading.Thread(target=self._hold, name=f"lease of {session}", daemon=True)

    def take(self, duration: float | None, running: Callable[[int], None]) -> int:
        """Enter all monitors or none; raises :class:`~luthier.errors.BusyError`."""
        self.renew(duration)
        self.thread.start()
        running(self.thread.ident or 0)
        self._given.wait()
        if self._failure is not None:
            raise self._failure
        return self.number

    def renew(self, duration: float | None) -> None:
        """Let it last so many seconds from now; ``None``: until it is released."""
        self._ends = float("inf") if duration is None else time.monotonic() + duration

    def end(self) -> None:
        """Leave the monitors."""
        self._over.set()

    def _hold(self) -> None:
        left: list[Callable[[], None]] = []
        try:
            with on_behalf_of(self._calls):
                self._enter_all(left)
                with waiting() as calls:
                    self.number = calls[-1]
                    self._given.set()
                    self._wait_for_end()
        except BaseException as error:  # noqa: BLE001 - raised where the lease is asked for
            self._failure = error
        finally:
            for leave in reversed(left):
                leave()
            self._given.set()

    def _enter_all(self, left: list[Callable[[], None]]) -> None:
        """Enter in one order everywhere, so that two leases cannot wait for each other."""
        for monitor in sorted(self._monitors, key=lambda monitor: monitor.name):
            left.append(monitor.contend(self._wait))  # noqa: PERF401 - what was entered must be known when one fails

    def _wait_for_end(self) -> None:
        while not self._over.is_set():
            remaining = self._ends - time.monotonic()
            if remaining <= 0:
                _log.warning("a lease of %s ended because it was not renewed", self.session)
                return
            self._over.wait(min(remaining, 3600.0))


class Leases:
    """The leases of a server. Thread-safe."""

    def __init__(self) -> None:
        self._all: dict[int, _Lease] = {}
        self._closed = False
        self._lock = threading.Lock()

    def take(
        self,
        monitors: Sequence[Monitor],
        session: str,
        duration: float | None,
        running: RunningCall,
        threads: dict[int, Any],
    ) -> int:
        """Have the instruments of ``monitors`` for a session, and return the number of the lease."""
        request = running.request
        lease = _Lease(monitors, session, request.wait, (*request.stack, request.id))

        def note(ident: int) -> None:
            threads[ident] = running

        number = lease.take(duration, note)
        with self._lock:
            self._all = {known: other for known, other in self._all.items() if other.thread.is_alive()}
            self._all[number] = lease
            if self._closed:  # the server ends, and its instruments are to be made safe
                lease.end()
        return number

    def renew(self, number: int, session: str, duration: float | None) -> None:
        """Let a lease last longer, or shorter."""
        self._of(number, session).renew(duration)

    def release(self, number: int, session: str) -> None:
        """End a lease, and wait until it has ended."""
        lease = self._of(number, session)
        with self._lock:
            self._all.pop(number, None)
        lease.end()
        lease.thread.join()

    def end_session(self, session: str) -> None:
        """End all leases of a client that is gone."""
        with self._lock:
            gone = [number for number, lease in self._all.items() if lease.session == session]
            ended = [self._all.pop(number) for number in gone]
        for lease in ended:
            lease.end()

    def close(self) -> None:
        """End all, and those that are given from now on at once."""
        with self._lock:
            self._closed = True
            ended, self._all = list(self._all.values()), {}
        for lease in ended:
            lease.end()

    def _of(self, number: int, session: str) -> _Lease:
        lease = self._all.get(number)
        if lease is None or lease.session != session or not lease.thread.is_alive():
            raise UsageError(f"there is no lease {number} of this session; it may have ended", state="Nothing changed.")
        return lease
