"""What differs between two tapes, and between two instruments that are told the same."""

from __future__ import annotations

import re
from contextlib import suppress
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final, Literal

import attrs
from luthier.errors import ConnectionLostError, LuthierError

from luthier_sim.tapes.escapes import as_line
from luthier_sim.tapes.meaning import meaning_of
from luthier_sim.tapes.recorded_transport import RecordedTransport
from luthier_sim.tapes.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from luthier.instrument import Instrument
    from luthier.transport import Transport

    from luthier_sim.tapes.tape import Tape, TapeExchange

__all__ = ["Difference", "compare_tapes", "compare_transports", "play"]

_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_SHOWN: Final = 120  # characters of a message or reply


@attrs.frozen
class Difference:
    """One thing that differs.

    Attributes
    ----------
    kind
        ``"reply"``: another reply to the same message; ``"fault"``: it went well here and failed there, or otherwise;
        ``"missing"``: a message that only the first has; ``"added"``: one that only the second has.
    message
        What was sent, as text.
    first, second
        What came back, as text: replies on lines, or ``! timeout``; empty where nothing did.
    number
        Of the message on the tape that has it (the first where both have), from 1.
    """

    kind: Literal["reply", "fault", "missing", "added"]
    message: str
    first: str
    second: str
    number: int

    def __str__(self) -> str:
        """Say it on a few lines."""
        if self.kind == "missing":
            return f"{self.number}. only in the first: {_cut(self.message)}"
        if self.kind == "added":
            return f"{self.number}. only in the second: {_cut(self.message)}"
        return f"{self.number}. {_cut(self.message)}\n    first:  {_cut(self.first)}\n    second: {_cut(self.second)}"


def compare_tapes(first: Tape, second: Tape, *, tolerance: float = 0.0) -> tuple[Difference, ...]:
    r"""Return what differs between two tapes.

    Messages are paired in their order and compared by their meaning (see ``meaning_of``); times do not count. Replies
    are compared by their bytes, but for the numbers in them, which are compared by value.

    Parameters
    ----------
    first, second
        The tapes.
    tolerance
        By how much numbers in replies may differ, relative to the larger of the two; 0.01 for 1 %. ``inf`` compares no
        numbers, only what stands between them.

    Examples
    --------
    >>> from luthier_sim.tapes.files import parse_tape
    >>> old, new = parse_tape("> SOUR:VOLT?\n< 1.50"), parse_tape("> :source:volt?\n< 1.6")
    >>> print(*compare_tapes(old, new))
    1. SOUR:VOLT?
        first:  1.50
        second: 1.6
    >>> compare_tapes(old, new, tolerance=0.1)
    ()
    """
    return tuple(_differences(first.exchanges, second.exchanges, tolerance))


def compare_transports(
    use: Callable[[Instrument], object],
    driver: Callable[..., Instrument],
    first: Transport,
    second: Transport,
    *,
    tolerance: float = 0.0,
) -> tuple[Difference, ...]:
    """Let the same driver calls meet two connections, and return what differs: a tape and a simulator, two firmwares.

    Parameters
    ----------
    use
        Given an open instrument; makes the calls. What it raises ends it; the comparison then says where.
    driver
        The class; opened on each connection in turn.
    first, second
        Open connections; they are closed.
    tolerance
        As for :func:`compare_tapes`.

    Examples
    --------
    >>> from luthier.testing.wire import DictTransport
    >>> from luthier import Instrument
    >>> old, new = DictTransport({"*IDN": "ACME,L1,1,1.7"}), DictTransport({"*IDN": "ACME,L1,1,1.8"})
    >>> print(*compare_transports(lambda lamp: lamp.query("*IDN?"), Instrument, old, new))
    1. *IDN?
        first:  ACME,L1,1,1.7
        second: ACME,L1,1,1.8
    """
    tapes = [_used(use, driver, transport) for transport in (first, second)]
    return compare_tapes(*tapes, tolerance=tolerance)


def play(tape: Tape, transport: Transport) -> Tape:
    """Send the messages of a tape as they are, read as many replies as it has, and return the tape of that.

    A timeout does not end it; a lost connection does. The transport is closed.
    """
    recording = Recording(tape.name, transport.address)
    recorded = RecordedTransport(transport, recording)
    try:
        for exchange in tape.exchanges:
            with suppress(LuthierError), recorded.lock:  # what went wrong is on the new tape
                recorded.write(exchange.message)
                for _ in range(max(len(exchange.replies), bool(exchange.fault))):
                    recorded.read()
            if recording.exchanges[-1].fault == "lost":
                break
    finally:
        with suppress(ConnectionLostError):
            recorded.close()
    return recording.tape


def _used(use: Callable[[Instrument], object], driver: Callable[..., Instrument], transport: Transport) -> Tape:
    recording = Recording("instrument", transport.address)
    with (
        suppress(LuthierError, AssertionError),
        driver("instrument", transport=RecordedTransport(transport, recording)) as instrument,
    ):
        use(instrument)
    return recording.tape


def _differences(
    first: tuple[TapeExchange, ...], second: tuple[TapeExchange, ...], tolerance: float
) -> Iterator[Difference]:
    keys = [[meaning_of(each.message) or each.message for each in side] for side in (first, second)]
    for word, begin, end, other, last in SequenceMatcher(None, keys[0], keys[1], autojunk=False).get_opcodes():
        if word == "equal":
            for number, (one, two) in enumerate(zip(first[begin:end], second[other:last], strict=True), begin + 1):
                yield from _compared(one, two, number, tolerance)
        else:
            for number in range(begin, end):
                yield Difference("missing", as_line(first[number].message), _came(first[number]), "", number + 1)
            for number in range(other, last):
                yield Difference("added", as_line(second[number].message), "", _came(second[number]), number + 1)


def _compared(one: TapeExchange, two: TapeExchange, number: int, tolerance: float) -> Iterator[Difference]:
    message = as_line(one.message)
    if one.fault != two.fault:
        yield Difference("fault", message, _came(one), _came(two), number)
    elif len(one.replies) != len(two.replies) or not all(
        _alike(*pair, tolerance) for pair in zip(one.replies, two.replies, strict=True)
    ):
        yield Difference("reply", message, _came(one), _came(two), number)


def _alike(one: bytes, two: bytes, tolerance: float) -> bool:
    if one == two:
        return True
    texts = one.decode("latin-1"), two.decode("latin-1")
    if _NUMBER.sub("0", texts[0]) != _NUMBER.sub("0", texts[1]):
        return False
    pairs = zip(*(map(float, _NUMBER.findall(text)) for text in texts), strict=True)
    return all(abs(a - b) <= tolerance * max(abs(a), abs(b)) if a != b else True for a, b in pairs)


def _came(exchange: TapeExchange) -> str:
    lines = [as_line(reply) for reply in exchange.replies]
    return "\n".join([*lines, *([f"! {exchange.fault}"] if exchange.fault else [])])


def _cut(text: str) -> str:
    line = text.replace("\n", " | ") or "nothing"
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
