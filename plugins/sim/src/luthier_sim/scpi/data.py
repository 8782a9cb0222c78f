"""The kinds of data that commands take: how each is read from a message, and how it stands in a reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import attrs
from luthier.scpi import encode_block

from luthier_sim.scpi.headers import HeaderTree, parse_pattern
from luthier_sim.scpi.refusals import Refusal
from luthier_sim.scpi.replies import as_number, as_reply, quoted
from luthier_sim.scpi.units import power_of_ten

if TYPE_CHECKING:
    from luthier_sim.scpi.messages import Datum

__all__ = ["Block", "Boolean", "Bound", "ChannelList", "Choice", "Integer", "Kind", "Number", "NumberList", "Text"]

Bound: TypeAlias = "float | str | Callable[..., float] | None"
"""A limit: a number, the name of an attribute of the device, or a function of the device (and of the suffixes)."""

_PROHIBITED: Final = {"number": -128, "word": -148, "string": -158, "block": -168, "expression": -178}
_MOST_CHANNELS: Final = 10_000
_INFINITIES: Final = {"INF": 9.9e37, "INFINITY": 9.9e37, "NINF": -9.9e37, "NINFINITY": -9.9e37}


class Kind(Protocol):
    """One kind of data.

    Attributes
    ----------
    optional
        Whether the command can do without it; the method is then given ``None``.
    rest
        Whether it takes all the data that are left, as a list.
    """

    @property
    def optional(self) -> bool:
        """Whether the command can do without it."""
        ...

    @property
    def rest(self) -> bool:
        """Whether it takes all the data that are left."""
        ...

    def read(self, datum: Datum, device: Any, suffixes: tuple[int, ...]) -> Any:
        """Return the value; raise :class:`Refusal` where `datum` is of another kind, or not allowed."""
        ...

    def write(self, value: Any) -> str:
        """Return the value as the text of a reply."""
        ...


def _refuse_unless(datum: Datum, *forms: str) -> None:
    if datum.form not in forms:
        raise Refusal(_PROHIBITED[datum.form])


@attrs.frozen
class Number:
    """A number: decimal with a unit, ``#H``, ``#Q``, ``#B``, ``MINimum``, ``MAXimum``, ``DEFault``, ``INFinity``.

    Attributes
    ----------
    minimum, maximum
        Limits; beyond them -222 is reported.
    unit
        The SI unit: messages may use it, with multipliers (``5 mV``; ``MHZ`` is mega, ``MA`` is mega elsewhere).
    default
        What ``DEFault`` means; ``None``: it is refused.
    resolution
        Values are rounded to whole multiples of it, as instruments do.
    form
        Of replies (``"{:+.6E}"``); empty: with every digit.
    optional
        Whether the command can do without it.
    """

    minimum: Bound = None
    maximum: Bound = None
    unit: str = ""
    default: float | None = None
    resolution: float | None = None
    form: str = ""
    optional: bool = False
    rest: bool = attrs.field(default=False, init=False)

    def read(self, datum: Datum, device: Any, suffixes: tuple[int, ...]) -> float:
        """Return the number, within the limits."""
        value = self._value(datum, device, suffixes)
        low, high = self.limit("MIN", device, suffixes), self.limit("MAX", device, suffixes)
        if (low is not None and not value >= low) or (high is not None and not value <= high) or value != value:  # noqa: PLR0124 - not a number
            raise Refusal(-222)
        return value

    def write(self, value: float) -> str:
        """Return the number as text."""
        return as_number(value, self.form)

    def limit(self, word: str, device: Any, suffixes: tuple[int, ...]) -> float | None:
        """Return what ``MINimum``, ``MAXimum`` or ``DEFault`` (as their short forms) means now; ``None``: nothing."""
        bound = {"MIN": self.minimum, "MAX": self.maximum, "DEF": self.default}[word]
        if isinstance(bound, str):
            found = getattr(device, bound)
            return float(
                found[suffixes[0] if len(suffixes) == 1 else suffixes] if isinstance(found, Mapping) else found
            )
        return bound(device, *suffixes) if callable(bound) else bound

    def _value(self, datum: Datum, device: Any, suffixes: tuple[int, ...]) -> float:
        if datum.form == "word":
            return self._of_word(datum.text, device, suffixes)
        _refuse_unless(datum, "number")
        power = power_of_ten(datum.suffix, self.unit)
        number = Decimal(datum.text).scaleb(power)
        if self.resolution is not None:
            step = Decimal(repr(self.resolution))
            number = (number / step).to_integral_value(ROUND_HALF_UP) * step if number.adjusted() < 30 else number  # noqa: PLR2004 - more digits than Decimal has by default
        return float(number)

    def _of_word(self, text: str, device: Any, suffixes: tuple[int, ...]) -> float:
        if text in _INFINITIES:
            return _INFINITIES[text]
        word = limit_word(text)
        value = self.limit(word, device, suffixes) if word else None
        if value is None:
            raise Refusal(-141)
        return value


def limit_word(text: str) -> str:
    """Return the short form of ``MINimum``, ``MAXimum`` or ``DEFault``; empty for anything else."""
    return _LIMIT_WORDS.get(text, "")


_LIMIT_WORDS: Final = {"MIN": "MIN", "MINIMUM": "MIN", "MAX": "MAX", "MAXIMUM": "MAX", "DEF": "DEF", "DEFAULT": "DEF"}


@attrs.frozen
class Integer(Number):
    """A whole number; a decimal one is rounded, as IEEE 488.2 demands."""

    def read(self, datum: Datum, device: Any, suffixes: tuple[int, ...]) -> int:
        """Return the number, within the limits."""
        value = Number.read(self, datum, device, suffixes)
        if abs(value) > 2.0**63:
            raise Refusal(-222)
        return int(Decimal(value).to_integral_value(ROUND_HALF_UP))

    def write(self, value: float) -> str:
        """Return the number as text."""
        return self.form.format(value) if self.form else str(int(value))


@attrs.frozen
class Boolean:
    """``ON``, ``OFF``, or a number, which is rounded and means ``ON`` unless it is then 0."""

    optional: bool = False
    rest: bool = attrs.field(default=False, init=False)

    def read(self, datum: Datum, device: Any, suffixes: tuple[int, ...]) -> bool:  # noqa: ARG002 - what all kinds are given
        """Return the truth value."""
        if datum.form == "word":
            if datum.text not in ("ON", "OFF"):
                raise Refusal(-141)
            return datum.text == "ON"
        _refuse_unless(datum, "number")
        if datum.suffix:
            raise Refusal(-138)
        return abs(float(datum.text)) >= 0.5  # noqa: PLR2004 - what rounds to another number than 0

    def write(self, value: bool) -> str:
        """Return 1 or 0."""
        return "1" if value else "0"


class Choice:
    """One of several words, in their short or long form; the value is the short form, as it stands in replies.

    Parameters
    ----------
    words
        As manuals write them: ``"VOLTage"``, ``"VOLTage[:DC]"`` (the value is then ``"VOLT:DC"``).
    quoted
        Whether the word is a string, as functions of multimeters are; then quotes may be left out.
    optional
        Whether the command can do without it.
    """

    rest = False

    def __init__(self, *words: str, quoted: bool = False, optional: bool = False) -> None:
        self.words = words
        self.quoted = quoted
        self.optional = optional
        self._tree: HeaderTree[str] = HeaderTree()
        self.values = tuple(map(self._added, words))

    def _added(self, word: str) -> str:
        nodes = parse_pattern(word)
        value = ":".join(node.short for node in nodes)
        self._tree.add(nodes, value, is_query=False)
        return value

    def read(self, datum: Datum, device: Any, suffixes: tuple[int, ...]) -> str:  # noqa: ARG002 - what all kinds are given
        """Return the short form."""
        _refuse_unless(datum, *(("word", "string") if self.quoted else ("word",)))
        try:
            return self._tree.find(datum.text.strip().removeprefix(":").split(":"), is_query=False)[0]
        except Refusal:
            raise Refusal(-224 if datum.form == "string" else -141) from None

    def write(self, value: str) -> str:
        """Return the short form, in quotes where words are strings."""
        return quoted(value) if self.quoted else value


@attrs.frozen
class Text:
    """A string in quotes, of at most `longest` characters."""

    longest: int = 1024
    optional: bool = False
    rest: bool = attrs.field(default=False, init=False)

    def read(self, datum: Datum, device: Any, suffixes: tuple[int, ...]) -> str:  # noqa: ARG002 - what all kinds are given
        """Return the text inside the quotes."""
        _refuse_unless(datum, "string")
        if len(datum.text) > self.longest:
            raise Refusal(-223)
        return datum.text

    def write(self, value: str) -> str:
        """Return the text in quotes."""
        return quoted(value)


@attrs.frozen
class Block:
    """Bytes, as a block of definite or indefinite length; at most `longest` of them."""

    longest: int = 2**24
    optional: bool = False
    rest: bool = attrs.field(default=False, init=False)

    def read(self, datum: Datum, device: Any, suffixes: tuple[int, ...]) -> bytes:  # noqa: ARG002 - what all kinds are given
        """Return the bytes."""
        _refuse_unless(datum, "block")
        if len(datum.text) > self.longest:
            raise Refusal(-223)
        return datum.text.encode("latin-1")

    def write(self, value: bytes) -> str:
        """Return a block of definite length."""
        return encode_block(value).decode("latin-1")


@attrs.frozen
class NumberList:
    """All numbers that are left; at most `longest` of them, each as `each` says."""

    each: Number = Number()
    longest: int = 100_000
    optional: bool = False
    rest: bool = attrs.field(default=True, init=False)

    def read(self, datum: Datum, device: Any, suffixes: tuple[int, ...]) -> float:
        """Return one of the numbers."""
        return self.each.read(datum, device, suffixes)

    def write(self, value: Any) -> str:
        """Return the numbers, separated by commas."""
        return as_reply(value, self.each.form)


@attrs.frozen
class ChannelList:
    """A list of channels, ``(@1,3:5)``, as a tuple of numbers.

    Attributes
    ----------
    channels
        Those that there are; empty: any. Others are reported as -222.
    optional
        Whether the command can do without it.
    """

    channels: tuple[int, ...] = ()
    optional: bool = False
    rest: bool = attrs.field(default=False, init=False)

    def read(self, datum: Datum, device: Any, suffixes: tuple[int, ...]) -> tuple[int, ...]:  # noqa: ARG002 - as above
        """Return the channels in the order of the list."""
        _refuse_unless(datum, "expression")
        if not datum.text.startswith("@"):
            raise Refusal(-171)
        found: list[int] = []
        for part in datum.text[1:].split(","):
            found += self._range(part)
            if len(found) > _MOST_CHANNELS:
                raise Refusal(-223)
        return tuple(found)

    def write(self, value: tuple[int, ...]) -> str:
        """Return the list."""
        return f"(@{','.join(map(str, value))})"

    def _range(self, part: str) -> list[int]:
        first, separator, last = (end.strip() for end in part.partition(":"))
        ends = [first, last] if separator else [first]
        if not all(end.isascii() and end.isdigit() and len(end) <= len("999999") for end in ends):
            raise Refusal(-171)
        low, high = int(ends[0]), int(ends[-1])
        step = 1 if high >= low else -1
        if abs(high - low) > _MOST_CHANNELS:
            raise Refusal(-223)
        numbers = range(low, high + step, step)
        if not self.channels:
            return list(numbers)
        if low not in self.channels or high not in self.channels:
            raise Refusal(-222)
        return [number for number in numbers if number in self.channels]
