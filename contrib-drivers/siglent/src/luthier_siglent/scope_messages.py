"""How oscilloscopes of Siglent answer and send waveforms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

import attrs
from luthier.errors import IdentityError, InstrumentFaultError, OutOfStepError, ReplyError
from luthier.scpi import ArrayFormat, format_float, parse_float

from luthier_siglent.pacing import PacedInstrument

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier import Channel, ScpiInstrument
    from luthier.scpi import BlockSource
    from numpy.typing import NDArray

__all__ = ["STATES", "ScopeBlock", "ScopeInstrument", "quantity", "set_and_look", "state", "words"]

HEADER = re.compile(r"(?:[A-Z]+\d?:)?[A-Z_]+[0-9]? ")
QUANTITY = re.compile(r"\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*([kKMG]?)(?:Sa/s|pts|[VS])?\s*", re.IGNORECASE)
PREFIXES = {"": 1.0, "K": 1e3, "M": 1e6, "G": 1e9}
COMMAND_INTERVAL = 0.02
LONGEST_HEADER = 32
EXPECTED = "a header, #, one digit that counts the digits of the length, the length, the bytes, and two line feeds"
STATES = {
    "armed": "ARM",
    "waiting": "READY",
    "auto": "AUTO",
    "triggered": "TRIG'D",
    "stopped": "STOP",
    "rolling": "ROLL",
}


def quantity(reply: str) -> float:
    """Return a number that has a prefix and a unit, or neither.

    >>> quantity("1.00E+09Sa/s"), quantity("14Mpts"), quantity("5.00E-01V"), quantity("70k")
    (1000000000.0, 14000000.0, 0.5, 70000.0)
    """
    found = QUANTITY.fullmatch(reply)
    if found is None:
        raise ReplyError(
            f"{reply!r} is no number", command="", reply=reply, expected="a number, such as 1.00E+09Sa/s or 14Mpts"
        )
    return parse_float(found[1]) * PREFIXES[found[2].upper()]


def set_and_look(host: Channel | ScpiInstrument, name: str, header: str, value: float, tolerance: float) -> None:
    """Set a number and read it back, because these instruments take the nearest that is possible, without an error.

    Replies have three digits at least. Raises :class:`~luthier.errors.InstrumentFaultError` where it is another one.
    """
    host.write(f"{header} {format_float(value)}")
    taken = quantity(host.query(f"{header}?"))
    if abs(taken - value) > tolerance + abs(value) / 200:
        raise InstrumentFaultError(
            f"{host.full_name}.{name}: {value:g} is not possible now; it took {taken:g}",
            state=f"{header} is {taken:g} on the instrument.",
            advice="What is possible depends on the scales.",
        )


def words(*forms: str) -> Callable[[str], str]:
    """Return what makes of a reply the word as manuals write it, from its short or its long form.

    >>> slope = words("RISing", "FALLing")
    >>> slope("RISing"), slope("RIS"), slope("FALLING"), slope("UP")
    ('RISing', 'RISing', 'FALLing', 'UP')
    """
    table = {form.upper(): form for form in forms}
    table |= {"".join(letter for letter in form if not letter.islower()): form for form in forms}
    return lambda reply: table.get(reply.strip().upper(), reply.strip())


def state(reply: str) -> str:
    """Return what it does, in capitals."""
    return reply.strip().upper()


@attrs.frozen
class ScopeBlock(ArrayFormat):
    """A waveform: a header in front, the codes as a block, and two line feeds behind.

    Attributes
    ----------
    count
        How many numbers are expected; 0: any. Some firmware says in the block how many numbers of two bytes follow,
        where the standard wants the bytes; that is understood where the count is known.
    line_feeds
        How many follow.
    """

    count: int = attrs.field(default=0, kw_only=True)
    line_feeds: int = attrs.field(default=2, kw_only=True)

    def read(self, source: BlockSource, **options: object) -> NDArray[Any]:
        """Read one waveform.

        Raises :class:`~luthier.errors.OutOfStepError` where no block of the expected length comes.
        """
        del options
        _skip_header(source)
        digit = bytes(source.read_exactly(1))
        if not b"1" <= digit <= b"9":
            raise _out_of_step(f"'#' is followed by {digit!r}", source, digit)
        text = bytes(source.read_exactly(int(digit)))
        if not text.isdigit():
            raise _out_of_step(f"the length is {text!r}", source, text)
        length, size = int(text), int((self.dtype or "u1")[1:])
        if self.count and length == self.count:
            length *= size
        if self.count and length != self.count * size:
            raise _out_of_step(f"the block has {length:,} bytes and not {self.count * size:,}", source, text)
        octets = source.read_exactly(length)
        source.read_exactly(self.line_feeds)
        return self._from_bytes(octets)


def _skip_header(source: BlockSource) -> None:
    """Read up to the ``#`` of a block; line feeds that an earlier reply left behind do not count."""
    header = bytearray()
    while (byte := bytes(source.read_exactly(1))) != b"#":
        header += byte
        if len(header) > LONGEST_HEADER or (byte == b"\n" and header.strip()):
            raise _out_of_step(f"the reply begins with {bytes(header)!r}", source, bytes(header))


def _out_of_step(what: str, source: BlockSource, reply: bytes) -> OutOfStepError:
    return OutOfStepError(
        f"{what}; expected is {EXPECTED}",
        state="The rest of the reply may still be on its way.",
        advice="Stop the acquisition before its traces are read.",
        sent="yes",
        address=source.address,
        reply=reply,
        expected=EXPECTED,
    )


class ScopeInstrument(PacedInstrument):
    """An oscilloscope of Siglent; open one of the models.

    Replies are understood with headers and units (``CHDR SHORT``, as they leave the factory) and without. After a
    command it is left in peace for 0.02 s: projects found between 0.01 s and 0.05 s enough for most commands.

    Parameters
    ----------
    command_interval
        Another time for that.

    Raises
    ------
    IdentityError
        What answers is another instrument; the connection is closed.
    """

    error_policy = "never"
    command_interval = COMMAND_INTERVAL
    model_pattern: ClassVar[re.Pattern[str]]
    """What ``*IDN?`` has to tell as the model; ``inputs`` is the number of inputs in it."""
    model_example: ClassVar[str]

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        model = self.idn.model
        found = self.model_pattern.fullmatch(model)
        if found is None:
            raise IdentityError(
                f"{self.idn.vendor} {model} answers; expected: such as {self.model_example}",
                who=f"{self.name} ({self.address})",
                state="Nothing was changed on it; the connection is closed.",
                advice="Check the address; luthier drivers siglent lists the drivers of other oscilloscopes.",
                sent="no",
                expected=self.model_example,
                identity=str(self.idn),
            )
        self.input_count = int(found["inputs"])

    def query(self, command: str) -> str:
        """Send a query and return the reply, without its header."""
        reply = super().query(command)
        found = HEADER.match(reply)
        return reply[found.end() :] if found else reply
