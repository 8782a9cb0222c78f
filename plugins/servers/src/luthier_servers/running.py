"""What the calls of a server are doing, and what became of them."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Literal

import attrs

if TYPE_CHECKING:
    from luthier_servers.messages import Request

__all__ = ["Caller", "Cancelled", "RunningCall", "RunningCalls"]

_REMEMBERED = 1000
"""Ended calls whose outcome can still be asked for."""

Ending = Literal["done", "failed", "cancelled"]


class Cancelled(Exception):  # noqa: N818 - told to nobody: who asked is not waiting any more
    """A call was given up before it began."""


@attrs.define(eq=False)
class Caller:
    """Who is at the other end of a connection."""

    session: str = ""
    client: str = "somebody"
    pid: int = 0


@attrs.define(eq=False)  # not frozen: one is made for each request, and that takes three times as long then
class RunningCall:
    """One request that is being carried out; nobody changes it but who carries it out.

    ``answers`` is the parameter whose reading the reply itself tells.
    """

    request: Request
    caller: Caller
    since: float
    answers: Any = None

    @property
    def subject(self) -> str:
        """The instrument concerned; empty where it is none."""
        return str(getattr(self.request, "on", ""))

    @property
    def what(self) -> str:
        """What is done: ``set one.x``."""
        path = getattr(self.request, "path", "")
        doing = type(self.request).__struct_config__.tag
        return f"{doing} {self.subject}{'.' if path else ''}{path}".strip()

    @property
    def chain(self) -> tuple[str, ...]:
        """What is done and for whom, after the calls that it is done for, outermost first."""
        return (*self.request.via, f"'{self.what}' for {self.caller.client} (pid {self.caller.pid})")

    def describe(self) -> str:
        """Say what is done, for whom, and since when."""
        *others, mine = self.chain
        chain = f", on behalf of {' -> '.join(others)}" if others else ""
        return f"{mine}{chain}, which has taken {time.monotonic() - self.since:.3g} s"


class RunningCalls:
    """The calls under way, by thread, and the endings of the latest. Thread-safe."""

    def __init__(self) -> None:
        self.by_thread: dict[int, RunningCall] = {}
        self.count = 0
        self.cancelled: set[int] = set()
        """Calls under way that nobody waits for any more."""
        self._endings: dict[int, Ending] = {}
        self._lock = threading.Lock()

    def ended(self, call: int, ending: Ending) -> None:
        """Remember what became of a call."""
        endings = self._endings
        self.count += 1  # a figure for people: two threads may count as one
        endings[call] = ending
        if len(endings) > _REMEMBERED:
            with self._lock:
                for oldest in list(endings)[: _REMEMBERED // 10]:
                    del endings[oldest]
        if self.cancelled:
            with self._lock:
                self.cancelled.discard(call)

    def outcome(self, call: int) -> str:
        """Return ``"running"``, ``"done"``, ``"failed"``, ``"cancelled"`` or ``"unknown"``."""
        if self.find(call) is not None:
            return "running"
        return self._endings.get(call, "unknown")

    def find(self, call: int) -> RunningCall | None:
        """Return a call that is under way."""
        return next((running for running in list(self.by_thread.values()) if running.request.id == call), None)

    def cancel(self, call: int) -> RunningCall | None:
        """Note that nobody waits for a call any more, and return it if it is under way."""
        running = self.find(call)
        if running is not None:
            with self._lock:
                self.cancelled.add(call)
        return running

    def chain_of(self, ident: int) -> tuple[str, ...]:
        """Return what a thread is doing, and for which calls; nothing where it carries out no request."""
        running = self.by_thread.get(ident)
        return () if running is None else running.chain

    def describe_thread(self, ident: int) -> str | None:
        """Say what a thread is doing; for :data:`luthier.monitor.patience`."""
        running = self.by_thread.get(ident)
        return None if running is None else running.describe()
