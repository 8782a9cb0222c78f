"""Events: what happens on a server, for the clients that want to know.

Each subscriber has a queue of its own, and a thread that writes it out, so that a slow one delays nobody. Of the
readings of one parameter only the latest is kept; the other events are bounded in number. At least every half second
something is written, so that a client can tell a frozen server from a quiet one.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec
from luthier.server.values import Payload, to_wire

if TYPE_CHECKING:
    from luthier.instrument import Progress
    from luthier.parameter import Change

    from luthier_servers.frames import FrameSocket

__all__ = ["BEAT", "Event", "Subscriber", "Subscribers", "decode_event"]

BEAT = 0.5
"""Seconds between two signs of life."""

_PACE = 0.02
"""Seconds between two times that readings are told: a subscriber needs no more, and the instruments need the time."""

_QUEUED = 1000
"""Events, beside readings, that wait for a slow subscriber; older ones are dropped, and it is told."""


class Event(msgspec.Struct, omit_defaults=True):
    """One event.

    ``event`` is ``"reading"``, ``"progress"``, ``"changed"`` (the instrument has to be described anew), ``"opened"``,
    ``"closed"``, ``"stopping"``, ``"lost"`` (events were dropped) or ``"beat"``.
    """

    event: str
    seq: int = 0
    on: str = ""
    path: str = ""
    value: Any = None
    origin: str = ""
    age: float = 0.0
    omitted: bool = False
    """The value cannot travel, or the reading is not valid any more."""


decode_event = msgspec.msgpack.Decoder(Event).decode
_encode = msgspec.msgpack.Encoder().encode


class Subscriber:
    """One client that is told, by a thread of its own."""

    def __init__(self, session: str, frames: FrameSocket) -> None:
        self.session = session
        self._frames = frames
        self._sending = threading.Lock()
        self._wake = threading.Condition()
        self._readings: dict[tuple[str, str], tuple[int, Any, str, float]] = {}
        self._progress: dict[str, Event] = {}
        self._events: deque[Event] = deque(maxlen=_QUEUED)
        self._lost = False
        self._closed = False
        self._finished = threading.Event()

    def offer_reading(self, key: tuple[str, str], reading: tuple[int, Any, str, float]) -> None:
        """Queue a reading in place of an older one of the same parameter."""
        with self._wake:
            self._readings.pop(key, None)
            self._readings[key] = reading
            self._wake.notify()

    def offer_progress(self, event: Event) -> None:
        """Queue the progress of an instrument, in place of what it reported before."""
        with self._wake:
            self._progress[event.on] = event
            self._wake.notify()

    def offer(self, event: Event) -> None:
        """Queue an event."""
        with self._wake:
            self._lost = self._lost or len(self._events) == _QUEUED
            self._events.append(event)
            self._wake.notify()

    def send(self, message: bytes, payload: Payload | None = None) -> None:
        """Send at once; for replies on the same connection."""
        with self._sending:
            self._frames.send(message, payload)

    def run(self) -> None:
        """Write out what is queued until :meth:`close`; for the thread."""
        try:
            self._write_out()
        finally:
            self._finished.set()

    def _write_out(self) -> None:
        while True:
            with self._wake:
                if not self._closed and not self._readings and not self._events and not self._progress:
                    self._wake.wait(BEAT)
                readings, self._readings = self._readings, {}
                progress, self._progress = self._progress, {}
                events = [*self._events, *progress.values()]
                self._events.clear()
                if self._lost:
                    events.insert(0, Event("lost"))
                    self._lost = False
                closed = self._closed
            try:
                for event in events:
                    self.send(_encode(event))
                for key, reading in readings.items():
                    self.send(*_reading_frame(key, reading))
                if not events and not readings:
                    self.send(_encode(Event("beat")))
            except OSError:
                return
            if closed:
                return
            if readings or progress:
                time.sleep(_PACE)

    def close(self) -> None:
        """Let the thread end, after it has written what is queued."""
        with self._wake:
            self._closed = True
            self._wake.notify()

    def wait_finished(self, seconds: float) -> None:
        """Wait until the thread has written what was queued."""
        self._finished.wait(seconds)


def _reading_frame(key: tuple[str, str], reading: tuple[int, Any, str, float]) -> tuple[bytes, Payload]:
    seq, value, origin, when = reading
    payload = Payload()
    event = Event("reading", seq, *key, origin=origin, age=time.monotonic() - when)
    try:
        event.value = to_wire(value, payload)
    except Exception:  # noqa: BLE001 - a value that cannot travel must not end the events
        event.omitted, payload = True, Payload()
    return _encode(event), payload


class Subscribers:
    """All of a server's subscribers."""

    def __init__(self) -> None:
        self.all: tuple[Subscriber, ...] = ()
        self.progress: dict[str, tuple[float, dict[str, Any]]] = {}
        """When each instrument last said how far it is (``time.monotonic``), and what."""
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.all)

    def add(self, subscriber: Subscriber) -> None:
        """Tell it from now on."""
        with self._lock:
            self.all = (*self.all, subscriber)

    def remove(self, subscriber: Subscriber) -> None:
        """Tell it no more."""
        with self._lock:
            self.all = tuple(other for other in self.all if other is not subscriber)

    def publish_reading(self, key: tuple[str, str], change: Change, known_by: str) -> None:
        """Tell all but the session that has it already by its reply."""
        told = [subscriber for subscriber in self.all if subscriber.session != known_by]
        if told:
            reading = (next(self._numbers), change.value, change.origin, time.monotonic())
            for subscriber in told:
                subscriber.offer_reading(key, reading)

    def tell_progress(self, progress: Progress) -> None:
        """Tell all how far an instrument is."""
        told = {"fraction": progress.fraction, "text": progress.text}
        self.progress[progress.instrument.name] = (time.monotonic(), told)
        event = Event("progress", next(self._numbers), progress.instrument.name, value=told)
        for subscriber in self.all:
            subscriber.offer_progress(event)

    def publish(self, event: str, on: str = "") -> None:
        """Tell all of an event."""
        for subscriber in self.all:
            subscriber.offer(Event(event, next(self._numbers), on))

    def close(self) -> None:
        """Let all threads write what is queued and end; one that is slow is not waited for."""
        for subscriber in self.all:
            subscriber.close()
        for subscriber in self.all:
            subscriber.wait_finished(0.2)
