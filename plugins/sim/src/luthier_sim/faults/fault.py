"""What goes wrong, and when."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Never

import attrs
from luthier.errors import UsageError
from luthier.suggestions import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Fault", "FaultKind", "parse_fault", "parse_faults"]


class FaultKind(Enum):
    """What goes wrong."""

    LATENCY = "latency"
    """The reply comes later by ``amount`` seconds, and up to ``jitter`` seconds more."""
    BUSY = "busy"
    """The instrument does nothing for ``amount`` seconds; the message takes effect after that."""
    MUTE = "mute"
    """The message takes effect and is not answered."""
    HALF = "half"
    """The first half of the reply comes, without its end."""
    DRIP = "drip"
    """The reply comes byte by byte, one each ``amount`` seconds."""
    GARBAGE = "garbage"
    """Nonsense comes in place of the reply."""
    PREVIOUS = "previous"
    """The reply to the last question comes again in place of this one's."""
    FLOOD = "flood"
    """Bytes come without end, or what a connection takes for that."""
    IDENTITY = "identity"
    """``*IDN?`` is answered by another instrument."""
    ERROR = "error"
    """The error queue gets an error, ``amount`` its number."""
    DISCONNECT_BEFORE = "disconnect-before"
    """The connection breaks, and the message has had no effect."""
    DISCONNECT_AFTER = "disconnect-after"
    """The connection breaks, and the message has had its effect."""


_DEFAULTS: Final = {
    FaultKind.LATENCY: 0.1,
    FaultKind.BUSY: 1.0,
    FaultKind.DRIP: 0.01,
    FaultKind.ERROR: -300.0,
}
_KINDS: Final = {kind.value: kind for kind in FaultKind}
_EXAMPLES: Final = (
    "Write a kind, then what belongs to it, for example 'latency 0.05 jitter 0.02', 'mute at 3,7', 'garbage 1%', "
    "'half every 10', 'disconnect-after at 1 on VOLT'."
)
_NUMBER: Final = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_GRAMMAR: Final = re.compile(
    rf"(?P<kind>[a-z-]+)(?:\s+(?P<amount>{_NUMBER})(?!\s*%))?(?:\s+jitter\s+(?P<jitter>{_NUMBER}))?"
    rf"(?:\s+at\s+(?P<at>\d+(?:\s*,\s*\d+)*)|\s+every\s+(?P<every>\d+)|\s+(?P<percent>{_NUMBER})\s*%)?"
    r"(?:\s+on\s+(?P<on>.+))?"
)


@attrs.frozen(kw_only=True)
class Fault:
    """One kind of fault, and the messages that it happens to. Messages are counted from 1.

    Attributes
    ----------
    kind
        What goes wrong.
    amount
        Seconds for ``latency``, ``busy`` and ``drip``; the number of the error for ``error``; no meaning otherwise.
    jitter
        Up to so many seconds more, evenly distributed, for ``latency``.
    at
        It happens to the messages of these numbers; empty: see the next.
    every
        It happens to each so-many-th message; 0: see the next.
    probability
        It happens to a message with this probability; 1: to all.
    on
        Only messages that contain this text count, in capitals or small letters; empty: all do.
    """

    kind: FaultKind
    amount: float = attrs.field()
    jitter: float = 0.0
    at: tuple[int, ...] = ()
    every: int = 0
    probability: float = 1.0
    on: str = ""

    @amount.default
    def _usual_amount(self) -> float:
        return _DEFAULTS.get(self.kind, 0.0)

    def __attrs_post_init__(self) -> None:
        """Refuse what cannot happen."""
        if self.kind is not FaultKind.ERROR and self.amount < 0:
            _refuse(str(self.kind.value), f"it cannot take {self.amount:g} s")
        if self.jitter < 0:
            _refuse(self.kind.value, f"its jitter cannot be {self.jitter:g} s")
        if not 0 <= self.probability <= 1:
            _refuse(self.kind.value, f"it cannot happen to {100 * self.probability:g} % of messages")
        if 0 in self.at:
            _refuse(self.kind.value, "messages are counted from 1")


def parse_fault(text: str) -> Fault:
    """Return the fault that a text describes.

    ``KIND [AMOUNT] [jitter SECONDS] [at N,N | every N | P%] [on TEXT]``, with the kinds of :class:`FaultKind`.

    >>> parse_fault("latency 0.05 jitter 0.02 every 10").amount
    0.05
    >>> parse_fault("mute 1% on READ?").probability, parse_fault("mute at 3,7").at
    (0.01, (3, 7))

    Raises
    ------
    UsageError
        There is no such kind, or the text means nothing.
    """
    found = _GRAMMAR.fullmatch(text.strip())
    word = found["kind"] if found else text.split(maxsplit=1)[0] if text.split() else ""
    if word not in _KINDS:
        near = nearest(word, _KINDS)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        raise UsageError(
            f"{text!r} is no fault: there is no kind {word!r}; allowed are {', '.join(_KINDS)}",
            state="Nothing was changed.",
            advice=hint + _EXAMPLES,
        )
    if found is None:
        _refuse(text, "it cannot be understood")
    _check_numbers(found, text)
    return Fault(kind=_KINDS[word], on=(found["on"] or "").strip(), **_options(found))


def _check_numbers(found: re.Match[str], text: str) -> None:
    kind = _KINDS[found["kind"]]
    if found["amount"] is not None and kind not in _DEFAULTS:
        _refuse(text, f"{kind.value} takes no number")
    if found["jitter"] is not None and kind is not FaultKind.LATENCY:
        _refuse(text, f"{kind.value} has no jitter")
    if found["every"] is not None and int(found["every"]) == 0:
        _refuse(text, "every message is 'every 1'")
    if found["percent"] is not None and not 0 <= float(found["percent"]) <= 100:  # noqa: PLR2004 - per cent
        _refuse(text, f"it cannot happen to {float(found['percent']):g} % of messages; allowed are 0 % to 100 %")


def _options(found: re.Match[str]) -> dict[str, Any]:
    options: dict[str, Any] = {name: float(found[name]) for name in ("amount", "jitter") if found[name] is not None}
    if found["at"] is not None:
        options["at"] = tuple(int(number) for number in found["at"].split(","))
    if found["every"] is not None:
        options["every"] = int(found["every"])
    if found["percent"] is not None:
        options["probability"] = float(found["percent"]) / 100
    return options


def parse_faults(given: object) -> tuple[Fault, ...]:
    """Return faults from texts, faults, or a list of either; for options that a user wrote.

    Raises :class:`~luthier.errors.UsageError` as :func:`parse_fault` does, and for anything else.
    """
    several: Iterable[object] = given if isinstance(given, (list, tuple)) else [given]
    made: list[Fault] = []
    for each in several:
        if isinstance(each, Fault):
            made.append(each)
        elif isinstance(each, str):
            made.append(parse_fault(each))
        else:
            _refuse(each, "it is no text")
    return tuple(made)


def _refuse(text: object, why: str) -> Never:
    raise UsageError(f"{text!r} is no fault: {why}", state="Nothing was changed.", advice=_EXAMPLES)
