"""Faults of a connection: a transport in between that lets things go wrong."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Never

from luthier.errors import ClosedError, ConnectionLostError, OutOfStepError, ResponseTimeoutError
from luthier_visa.faults import shown

from luthier_sim.faults.fault import FaultKind
from luthier_sim.faults.on_wire import WRONG_IDENTITY
from luthier_sim.scpi.refusals import Refusal
from luthier_sim.tapes.meaning import meaning_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier.transport import Transport

    from luthier_sim.faults.fault import Fault
    from luthier_sim.faults.plan import FaultPlan

__all__ = ["FaultyTransport"]

_CLEARED: Final = "The connection was cleared; the next query is in step."
_NONSENSE: Final = (FaultKind.GARBAGE, FaultKind.FLOOD, FaultKind.PREVIOUS)
_ERROR_QUESTIONS: Final = {meaning_of(question) for question in (b"SYST:ERR?", b"SYST:ERR:NEXT?")}


class FaultyTransport:
    """A :class:`~luthier.transport.Transport` around another one, with faults as its user would meet them.

    After each of them the other one is in step, or closed. What waits, waits in real time, as long as it would on a
    connection of that kind, and ends when the connection is closed.

    Parameters
    ----------
    inner
        The transport; closed with this one.
    plan
        Which faults happen to which message. It may be used for several transports, which then share its count.
    """

    def __init__(self, inner: Transport, plan: FaultPlan) -> None:
        self._inner = inner
        self.plan = plan
        self._faults: Mapping[FaultKind, Fault] = {}
        self._message = b""
        self._last = b""  # the reply before this one
        self._instead: deque[bytes] = deque()  # what is read in place of the instrument's reply
        self._queue: deque[int] = deque()  # errors that the instrument is to report
        self._begun = False  # whether a part of the reply was read
        self._ended = threading.Event()
        self._lost = False

    @property
    def address(self) -> str:
        """The address of the other one."""
        return self._inner.address

    @property
    def lock(self) -> threading.RLock:
        """The lock of the other one."""
        return self._inner.lock

    @property
    def timeout(self) -> float | None:
        """The timeout of the other one, in seconds."""
        return self._inner.timeout

    @timeout.setter
    def timeout(self, seconds: float | None) -> None:
        self._inner.timeout = seconds

    def write(self, message: bytes) -> None:
        """Send a message, unless something goes wrong."""
        self._require_whole()
        self._message = message
        self._begun = False
        self._instead.clear()
        faults = self._faults = self.plan.next(message)
        if (busy := faults.get(FaultKind.BUSY)) is not None:
            self._be_busy(busy.amount)
        if FaultKind.DISCONNECT_BEFORE in faults:
            self._break()
        if (error := faults.get(FaultKind.ERROR)) is not None:
            self._queue.append(int(error.amount))
        if self._queue and FaultKind.ERROR not in faults and meaning_of(message) in _ERROR_QUESTIONS:
            code = self._queue.popleft()
            self._instead.append(str(Refusal(code)).encode("latin-1"))
            return
        if FaultKind.IDENTITY in faults and message.strip().upper() == b"*IDN?":
            self._instead.append(WRONG_IDENTITY)
            return
        self._inner.write(message)
        if FaultKind.DISCONNECT_AFTER in faults:
            self._break()

    def read(self) -> bytes:
        """Return a reply, unless something goes wrong."""
        self._require_whole()
        if self._instead:
            return self._instead.popleft()
        if self._begun:
            return self._inner.read()
        self._come_late()
        reply, last = self._inner.read(), self._last
        self._last = reply
        faults, self._faults = self._faults, {}
        if FaultKind.HALF in faults:
            self._silence(f"{len(reply) // 2:,} bytes came without the read termination, then nothing{{}}")
        if FaultKind.FLOOD in faults:
            raise OutOfStepError(
                f"the instrument goes on sending, after {shown(self._message)}",
                who=self.address,
                state=f"What had come was thrown away. {_CLEARED}",
                address=self.address,
            )
        if (drip := faults.get(FaultKind.DRIP)) is not None:
            self._drip(drip.amount, len(reply))
        if FaultKind.GARBAGE in faults:
            return self.plan.garbage()
        return last if FaultKind.PREVIOUS in faults and last else reply

    def query(self, message: bytes) -> bytes:
        """``write`` then ``read``, under the lock."""
        with self.lock:
            self.write(message)
            return self.read()

    def read_exactly(self, count: int) -> bytearray:
        """Return bytes of a reply, unless something goes wrong."""
        self._require_whole()
        if not self._begun:
            self._come_late()
            faults = self._faults
            if FaultKind.HALF in faults:
                self._silence(f"{count // 2:,} of {count:,} bytes asked for came, then nothing{{}}")
            if not faults.keys().isdisjoint(_NONSENSE):
                self._inner.clear()
                return bytearray(b"~" * count)  # whoever reads a block finds out
            self._begun = True
        if (drip := self._faults.get(FaultKind.DRIP)) is not None:
            self._drip(drip.amount, count)
        return self._inner.read_exactly(count)

    def clear(self) -> None:
        """Clear the other one."""
        self._require_whole()
        self._instead.clear()
        self._inner.clear()

    def close(self) -> None:
        """Close the other one; who waits is let go."""
        self._ended.set()
        self._inner.close()

    def __getattr__(self, name: str) -> Any:
        """Give what the other one has beyond the protocol."""
        return getattr(self._inner, name)

    def _be_busy(self, seconds: float) -> None:
        """Let the instrument take nothing for so long."""
        if self.timeout is not None and seconds > self.timeout:
            self._wait(self.timeout)
            self._time_out("the instrument did not take " + shown(self._message) + "{}")
        self._wait(seconds)

    def _come_late(self) -> None:
        """Let a reply be late, or not come at all."""
        if FaultKind.MUTE in self._faults:
            self._silence("no reply{} to " + shown(self._message))
        if (latency := self._faults.get(FaultKind.LATENCY)) is not None:
            delay = self.plan.delay(latency)
            if self.timeout is not None and delay > self.timeout:
                self._silence("no reply{} to " + shown(self._message))
            self._wait(delay)

    def _drip(self, interval: float, count: int) -> None:
        """Let `count` bytes come one by one."""
        if self.timeout is not None and interval > self.timeout:
            self._silence("1 byte came, then nothing{}, after " + shown(self._message))
        self._wait(interval * count)

    def _silence(self, what: str) -> Never:
        """Wait until the timeout has passed, put the other one in step, and say that nothing came."""
        self._faults = {}
        self._wait(self.timeout)
        self._inner.clear()
        self._time_out(what)

    def _time_out(self, what: str) -> Never:
        within = "" if self.timeout is None else f" within {self.timeout:g} s"
        raise ResponseTimeoutError(
            what.format(within),
            who=self.address,
            state=_CLEARED,
            address=self.address,
            command=self._message.decode("latin-1"),
            timeout=self.timeout,
        )

    def _wait(self, seconds: float | None) -> None:
        """Wait; ``None``: until the connection is closed."""
        if self._ended.wait(seconds):
            self._require_whole()

    def _break(self) -> Never:
        self._lost = True
        self._inner.close()
        raise ConnectionLostError(
            "the connection is lost: the instrument hung up",
            who=self.address,
            state=f"Whether the instrument got {shown(self._message)} is not known. The connection is closed.",
            advice="See that the instrument is switched on and connected, then open it again.",
            address=self.address,
        )

    def _require_whole(self) -> None:
        if self._ended.is_set():
            raise ClosedError(
                "the connection was closed before", who=self.address, state="Nothing was sent.", advice="Open it again."
            )
        if self._lost:
            raise ConnectionLostError(
                "the connection was lost before",
                who=self.address,
                state="Nothing was sent.",
                advice="Open the instrument again.",
                sent="no",
                address=self.address,
            )
