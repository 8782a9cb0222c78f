"""Finding the calls of a driver that say what is on a tape, by trying them."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs
from luthier.errors import ConnectionLostError, LuthierError, ResponseTimeoutError, UsageError
from luthier.plain import from_plain, to_plain

from luthier_sim.tapes.opening import replay
from luthier_sim.tapes.recording import parameters_of
from luthier_sim.tapes.replaying import TapeMismatchError
from luthier_sim.tapes.tape import Mark, Tape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from luthier.instrument import Instrument

__all__ = ["Call", "calls_of"]

_AHEAD: Final = 8  # sets and gets that a call may have caused by itself
_METHODS: Final = {"*IDN?": "idn", "*RST": "reset", "*CLS": "clear_status"}
_FAULTS: Final = {"timeout": ResponseTimeoutError, "lost": ConnectionLostError}


@attrs.frozen
class Call:
    """One line of a program that uses a driver.

    Attributes
    ----------
    kind
        ``set`` and ``get`` a parameter; read the property ``idn``; call a ``method`` without arguments; ``write`` and
        ``query`` a message as it is.
    what
        The parameter's path, the method's name or the message.
    value
        What is set, what is read (as :func:`luthier.plain.to_plain` has it), or the reply.
    fault
        The word of the error that it has to raise; empty for none.
    """

    kind: Literal["set", "get", "idn", "method", "write", "query"]
    what: str
    value: Any = None
    fault: str = ""


@attrs.frozen
class _Event:
    """What a parameter was set to or read as, after so many exchanges."""

    call: Call
    after: int


def calls_of(tape: Tape, driver: Callable[..., Instrument]) -> list[Call]:
    """Return calls of `driver` that send exactly what is on the tape, and are answered what the tape says.

    They are found by trying them on the tape: what parameters were set to and read as first, then some methods; what
    nothing explains is sent as it is. Sets and gets that another call causes by itself are left out.

    Parameters
    ----------
    tape
        All that went wrong on it are timeouts and lost connections.
    driver
        The class.

    Raises
    ------
    UsageError
        The driver cannot be opened on the tape.
    """
    events = list(_events(tape))
    trial = _Trial(tape, driver)
    try:
        return list(_found(trial, events))
    finally:
        trial.end()


def _found(trial: _Trial, events: list[_Event]) -> Iterator[Call]:
    exchanges = trial.tape.exchanges
    while trial.done < len(exchanges):
        ahead = sorted([event for event in events if event.after > trial.done][:_AHEAD], key=_worth)
        if not ahead and trial.ends_here():
            return
        call = next((event.call for event in ahead if trial.explains(event.call, event.after)), None) or _method(
            trial, exchanges[trial.done].text
        )
        yield call or trial.as_it_is()


def _worth(event: _Event) -> tuple[int, bool]:
    """Order events: what takes most exchanges first, and of those what can be compared in a line."""
    return -event.after, isinstance(event.call.value, (dict, list))


def _method(trial: _Trial, message: str) -> Call | None:
    name = _METHODS.get(message)
    if name is None:
        return None
    call = Call("idn", name) if name == "idn" else Call("method", name)
    return call if trial.explains(call, None) else None


class _Trial:
    """A driver on a tape, as far as the calls so far have come."""

    def __init__(self, tape: Tape, driver: Callable[..., Instrument]) -> None:
        self.tape = tape
        self._driver = driver
        self._calls: list[Call] = []
        self._open()

    @property
    def done(self) -> int:
        """How many exchanges have happened."""
        return self._wire.done

    def explains(self, call: Call, after: int | None) -> bool:
        """Tell whether a call goes well and ends after so many exchanges (``None``: after any); if so it is done."""
        before = self.done
        with suppress(Exception):  # whatever a driver makes of it, it is not this call then
            self._perform(call)
            if self.done > before and after in (None, self.done):
                self._calls.append(call)
                return True
        self.end()
        self._open()
        for each in self._calls:
            self._perform(each)
        return False

    def as_it_is(self) -> Call:
        """Do the next exchange without the driver's knowledge."""
        exchange = self.tape.exchanges[self.done]
        reply = exchange.replies[0].decode("latin-1") if exchange.replies else ""
        asks = bool(exchange.replies) or "?" in exchange.text
        call = Call("query" if asks else "write", exchange.text, reply if asks else None, exchange.fault)
        self._perform(call)
        self._calls.append(call)
        return call

    def ends_here(self) -> bool:
        """Tell whether closing the driver sends all that is left."""
        instrument, wire = self._instrument, self._wire
        try:
            instrument.close()
        except Exception:  # noqa: BLE001 - as above
            ended = False
        else:
            ended = wire.done == len(self.tape.exchanges)
        self._open()
        for each in self._calls:
            self._perform(each)
        return ended

    def end(self) -> None:
        """Close the driver; that something is left over is no fault here."""
        self._wire.excuse()
        with suppress(Exception):
            self._instrument.abandon()

    def _open(self) -> None:
        self._wire = replay(self.tape, compare="exact")
        try:
            self._instrument = self._driver(self.tape.name, transport=self._wire)
        except (LuthierError, TapeMismatchError, TypeError) as error:
            raise UsageError(
                f"{getattr(self._driver, '__qualname__', self._driver)} cannot be opened on this tape: {error}",
                who=self.tape.name,
                advice="Give the driver that it was recorded with, and a tape that begins when it was opened.",
            ) from error
        self._parameters = dict(parameters_of(self._instrument))

    def _perform(self, call: Call) -> None:
        if call.fault:
            try:
                self._carry_out(call)
            except _FAULTS[call.fault]:
                return
            raise TapeMismatchError(f"{call} raised nothing")
        self._carry_out(call)

    def _carry_out(self, call: Call) -> None:
        got: object = call.value
        if call.kind == "set":
            self._parameters[call.what].set(from_plain(call.value))
        elif call.kind == "get":
            got = to_plain(self._parameters[call.what].get())
        elif call.kind == "idn":
            self._instrument.idn  # noqa: B018 - a property that asks
        elif call.kind == "method":
            getattr(self._instrument, call.what)()
        elif call.kind == "write":
            self._instrument.write(call.what)
        else:
            got = self._instrument.query(call.what)
        if got != call.value:
            raise TapeMismatchError(f"{call} gave {got!r}")


def _events(tape: Tape) -> Iterator[_Event]:
    after = 0
    for entry in tape.entries:
        if entry.mark is Mark.SENT:
            after += 1
        elif entry.mark is Mark.PARAMETER:
            path, action, value = entry.text.split(" ", 2)
            yield _Event(Call("set" if action == "set" else "get", path, json.loads(value)), after)
