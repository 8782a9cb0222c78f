"""Numbers and texts in registers of 16 bits."""

from __future__ import annotations

import math
import struct
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SIZES", "Layout", "Order", "TypeName", "limits_of", "scaled", "unscaled"]

TypeName: TypeAlias = Literal[
    "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64", "bool", "text"
]
Order: TypeAlias = Literal["big", "little"]

_CODES: Final[dict[str, str]] = {
    "int16": "h",
    "uint16": "H",
    "int32": "i",
    "uint32": "I",
    "int64": "q",
    "uint64": "Q",
    "float32": "f",
    "float64": "d",
}
SIZES: Final[dict[str, int]] = {name: struct.calcsize(f">{code}") // 2 for name, code in _CODES.items()}
"""How many registers each type of number takes."""


@attrs.frozen
class Layout:
    """How a value lies in registers.

    The standard says only that the high byte of a register is sent first (MODBUS Application Protocol V1.1b3, 4.2);
    what takes several registers is put together differently by every maker.

    Attributes
    ----------
    type
        What the value is.
    word_order
        ``"big"``: the register with the highest bits comes first.
    byte_order
        ``"big"``: in each register, the byte with the highest bits comes first, as the standard has it.
    length
        Registers of a text.
    """

    type: TypeName
    word_order: Order = "big"
    byte_order: Order = "big"
    length: int = 1

    @property
    def registers(self) -> int:
        """How many registers it takes."""
        return SIZES.get(self.type, self.length)

    def decode(self, registers: Sequence[int]) -> int | float | str:
        """Return the value in registers, before scale and offset.

        >>> Layout("float32").decode([0x4148, 0x0000]), Layout("float32", word_order="little").decode([0, 0x4148])
        (12.5, 12.5)
        """
        octets = self._in_order(list(registers))
        if self.type == "text":
            return octets.split(b"\0")[0].decode("latin-1").rstrip()
        value: int | float = struct.unpack(f">{_CODES[self.type]}", octets)[0]
        return value

    def encode(self, value: float | str) -> list[int]:
        """Return the registers of a value, which has to be one that the type can hold.

        >>> Layout("int32").encode(-2)
        [65535, 65534]
        """
        if isinstance(value, str):
            octets = value.encode("latin-1").ljust(2 * self.length, b"\0")
        else:
            octets = struct.pack(f">{_CODES[self.type]}", value)
        words = [int.from_bytes(octets[place : place + 2], "big") for place in range(0, len(octets), 2)]
        return self._words(self._in_order(words))

    def _in_order(self, words: list[int]) -> bytes:
        turned = words if self.word_order == "big" or self.type == "text" else words[::-1]
        return b"".join(word.to_bytes(2, self.byte_order) for word in turned)

    @staticmethod
    def _words(octets: bytes) -> list[int]:
        return [int.from_bytes(octets[place : place + 2], "big") for place in range(0, len(octets), 2)]


def limits_of(type_name: str) -> tuple[int, int]:
    """Return the smallest and the largest whole number that a type holds.

    >>> limits_of("int16")
    (-32768, 32767)
    """
    bits = 16 * SIZES[type_name]
    return (0, (1 << bits) - 1) if type_name.startswith("u") else (-(1 << bits - 1), (1 << bits - 1) - 1)


def scaled(raw: float, scale: float, offset: float) -> float:
    """Return ``raw * scale + offset`` as the nearest float, with scale and offset taken as they are written.

    >>> scaled(3, 0.1, 0.0), 3 * 0.1
    (0.3, 0.30000000000000004)
    """
    if not math.isfinite(raw):
        return raw
    return float(Fraction(raw) * Fraction(repr(float(scale))) + Fraction(repr(float(offset))))


def unscaled(value: float, scale: float, offset: float) -> Fraction:
    """Return the exact number that :func:`scaled` would make the value of."""
    return (Fraction(repr(float(value))) - Fraction(repr(float(offset)))) / Fraction(repr(float(scale)))
