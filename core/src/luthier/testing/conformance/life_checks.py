"""Checks of behaviour: opening, closing, threads, and the safe state."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from luthier.errors import ClosedError, LuthierError
from luthier.parameter.relevance import is_relevant
from luthier.testing.conformance.outcomes import Problem
from luthier.testing.conformance.trying import in_words, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from luthier.parameter import Parameter
    from luthier.testing.conformance.subject import Subject

__all__ = ["closing", "has_simulator", "making_safe", "opening", "readable", "threads"]

_ROUNDS = 10
_PAUSE = 0.002
_PATIENCE = 20.0


def has_simulator(subject: Subject) -> Iterator[Problem]:
    """Open the driver on the simulator that its manifest names."""
    if subject.description is None or not subject.description.simulator:
        yield Problem("", "the manifest names no simulator")
        return
    try:
        with subject.opened():
            pass
    except Exception as error:  # noqa: BLE001 - whatever the driver raises is the finding
        yield Problem("", f"it cannot be opened on the simulator {subject.simulator!r}: {in_words(error)}")


def opening(subject: Subject) -> Iterator[Problem]:
    """Look at what opening sends: questions only."""
    with subject.opened() as (_, wire):
        for message in wire.commands:
            yield Problem("", f"opening it sent {message}, which may change the instrument; ask only")


def closing(subject: Subject) -> Iterator[Problem]:
    """Close twice, use it afterwards, and open it again."""
    address = subject.new_address()
    with subject.opened(address) as (instrument, _):
        path, parameter = readable(instrument)
        try:
            instrument.close()
            instrument.close()
        except Exception as error:  # noqa: BLE001 - whatever the driver raises is the finding
            yield Problem("", f"closing it twice raised {in_words(error)}")
        if parameter is not None:
            yield from _use_closed(path, parameter)
    with subject.opened(address) as (instrument, _):
        path, parameter = readable(instrument)
        if parameter is not None:
            try:
                parameter.get()
            except Exception as error:  # noqa: BLE001 - whatever the driver raises is the finding
                yield Problem(path, f"after opening it again, reading raised {in_words(error)}")


def _use_closed(path: str, parameter: Parameter[Any]) -> Iterator[Problem]:
    try:
        parameter.get()
    except ClosedError:
        pass
    except Exception as error:  # noqa: BLE001 - whatever the driver raises is the finding
        yield Problem(path, f"reading it after close() raised {in_words(error)}; expected: ClosedError")
    else:
        yield Problem(path, "it can be read after close(); expected: ClosedError")


def readable(instrument: Any) -> tuple[str, Parameter[Any] | None]:
    """Return a parameter that asks the instrument by a message, and can be read now; ``None`` if there is none."""
    for path, parameter in walk(instrument):
        if isinstance(parameter.specification.get_cmd, str) and parameter.gettable and is_relevant(parameter):
            try:
                parameter.get()
            except LuthierError:
                continue
            return path, parameter
    return "", None


def making_safe(subject: Subject) -> Iterator[Problem]:
    """Call ``make_safe()`` twice; it has to be the driver's own, and to do something."""
    asked = _questions_of_readings(subject)
    with subject.opened() as (instrument, wire):
        before = len(wire.messages)
        try:
            instrument.make_safe()
            instrument.make_safe()
        except Exception as error:  # noqa: BLE001 - whatever the driver raises is the finding
            yield Problem("", f"make_safe() raised {in_words(error)}")
            return
        sent = wire.messages[before:]
        if all(message.asks_only and (b"?" in message.text or message.text in asked) for message in sent):
            yield Problem("", "it can source or move, and make_safe() sends nothing")


def _questions_of_readings(subject: Subject) -> frozenset[bytes]:
    """Return what reading sends, to a device of its own: readings that fail may leave errors in its queue.

    In a protocol without question marks, which answers everything, this tells questions from commands.
    """
    with subject.opened() as (instrument, wire):
        before = len(wire.messages)
        for _, parameter in walk(instrument):
            if parameter.gettable and is_relevant(parameter):
                with suppress(LuthierError):
                    parameter.get()
        return frozenset(message.text for message in wire.messages[before:])


def threads(subject: Subject) -> Iterator[Problem]:
    """Read from two threads at once; no message may come between another and its reply."""
    with subject.opened() as (instrument, wire):
        path, parameter = readable(instrument)
        if parameter is None:
            return
        question = wire.messages[-1].text.decode("latin-1").rstrip("\r\n")
        ask = getattr(instrument, "query", None)
        faults: list[Exception] = []
        together = threading.Barrier(2)

        def read(take: Callable[[], object]) -> None:
            try:
                together.wait(_PATIENCE)
                for _ in range(_ROUNDS):
                    take()
            except Exception as error:  # noqa: BLE001 - it is told in the other thread
                faults.append(error)

        ways: list[Callable[[], object]] = [parameter.get, partial(ask, question) if ask else parameter.get]
        running = [threading.Thread(target=read, args=(way,), daemon=True) for way in ways]
        wire.pause = _PAUSE
        for thread in running:
            thread.start()
        for thread in running:
            thread.join(_PATIENCE)
        if any(thread.is_alive() for thread in running):
            yield Problem(path, f"read from two threads, it did not end within {_PATIENCE:g} s")
        if faults:
            yield Problem(path, f"read from two threads, it raised {in_words(faults[0])}")
        if any(message.interrupts for message in wire.messages):
            yield Problem(path, "read from two threads, a message came between another and its reply")
