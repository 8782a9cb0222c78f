"""One parameter of a register table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast, get_args

import attrs
from luthier.errors import ReplyError
from luthier.validators import Bool, Enum, Ints, Numbers, Strings

from luthier_modbus.registers import SIZES, Layout, TypeName, limits_of, scaled, unscaled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from luthier.validators import Validator

__all__ = ["FIRST_DIGITS", "KEYS", "KINDS", "Area", "Entry", "checked_entry"]

Area: TypeAlias = Literal["holding", "input", "coil", "discrete"]

KINDS: Final = ("big", "little")
FIRST_DIGITS: Final[dict[str, Area]] = {"0": "coil", "1": "discrete", "3": "input", "4": "holding"}
KEYS: Final[dict[str, type]] = {
    "address": int,
    "area": str,
    "type": str,
    "bit": int,
    "length": int,
    "word_order": str,
    "byte_order": str,
    "scale": float,
    "offset": float,
    "values": dict,
    "unit": str,
    "label": str,
    "doc": str,
    "writable": bool,
    "minimum": float,
    "maximum": float,
    "step": float,
    "rate": float,
    "settle": float,
}
_BITS: Final = ("coil", "discrete")
_WRITABLE: Final = ("holding", "coil")
_MOST_REGISTERS: Final = 123
_FOR_NUMBERS: Final = ("scale", "offset", "minimum", "maximum", "step", "rate")
_LARGEST_FLOAT32: Final = 3.4028234663852886e38


@attrs.frozen
class Entry:
    """One parameter: where it lies, how, and what it may be set to.

    Attributes
    ----------
    name
        Its name in Luthier.
    area
        ``"holding"`` and ``"input"`` registers, ``"coil"`` and ``"discrete"`` inputs.
    address
        As it is sent, from 0.
    layout
        How the value lies in registers.
    bit
        The bit of the register, from the lowest, 0 to 15; ``None``: all of it.
    scale, offset
        The value is what the registers hold times ``scale``, plus ``offset``.
    values
        The number in the registers for each text; empty where the value is no text of a list.
    writable, minimum, maximum
        Whether it can be set, and between what, in its unit.
    options
        What else the parameter is declared with: unit, label, doc, step, rate, settle.
    """

    name: str
    area: Area
    address: int
    layout: Layout
    bit: int | None = None
    scale: float = 1.0
    offset: float = 0.0
    values: Mapping[str, int] = attrs.field(factory=dict)
    writable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    options: Mapping[str, Any] = attrs.field(factory=dict)

    @property
    def is_bit(self) -> bool:
        """Whether it is a coil, or a discrete input."""
        return self.area in _BITS

    @property
    def registers(self) -> int:
        """How many registers, coils or inputs it takes."""
        return 1 if self.is_bit else self.layout.registers

    @property
    def value_type(self) -> type[Any]:
        """The type of its values in Python."""
        if self.layout.type == "bool":
            return bool
        if self.values or self.layout.type == "text":
            return str
        whole = self.layout.type.startswith(("int", "uint")) and self.scale == 1 and self.offset == 0
        return int if whole else float

    @property
    def validator(self) -> Validator | None:
        """What it may be set to; ``None`` where it cannot be set."""
        if not self.writable:
            return None
        if self.layout.type == "bool":
            return Bool()
        if self.values:
            return Enum(*self.values)
        if self.layout.type == "text":
            return Strings(max_length=2 * self.layout.length, pattern=r"[\x20-\x7e]*")
        if self.value_type is int:
            return Ints(math.ceil(self.minimum or 0), math.floor(self.maximum or 0))
        return Numbers(self.minimum, self.maximum)

    @property
    def resolution(self) -> float | None:
        """The smallest difference of two values, where the registers hold whole numbers."""
        return abs(self.scale) if self.value_type is float and "int" in self.layout.type else None

    def decode(self, registers: list[int]) -> Any:
        """Return the value of the registers (for a coil or an input: of 0 or 1)."""
        if self.layout.type == "bool":
            return bool(registers[0] >> (self.bit or 0) & 1)
        raw = self.layout.decode(registers)
        if self.values:
            return self._text_of(raw)
        if isinstance(raw, str) or self.value_type is int:
            return raw
        return scaled(raw, self.scale, self.offset)

    def _text_of(self, raw: object) -> str:
        for text, number in self.values.items():
            if number == raw:
                return text
        known = ", ".join(f"{number} ({text})" for text, number in self.values.items())
        raise ReplyError(
            f"the register holds {raw}, for which the register table has no text; it has {known}",
            advice="Add it to its values, or read the number with read_registers.",
            command="",
            reply=str(raw),
            expected=known,
        )

    def encode(self, value: Any) -> list[int]:
        """Return the registers for a value that the validator has allowed."""
        if self.layout.type == "bool":
            return [int(value)]
        if self.values:
            return self.layout.encode(self.values[value])
        if isinstance(value, str):
            return self.layout.encode(value)
        raw = unscaled(value, self.scale, self.offset)
        return self.layout.encode(float(raw) if self.layout.type.startswith("float") else round(raw))


Complain: TypeAlias = "Callable[..., None]"


def checked_entry(name: str, found: Mapping[str, Any], complain: Complain) -> Entry | None:
    """Return the entry for the keys of a table, whose types are right; ``None`` where something was complained of."""
    words = {
        "area": tuple(FIRST_DIGITS.values()),
        "type": get_args(TypeName),
        "word_order": KINDS,
        "byte_order": KINDS,
    }
    wrong = [key for key, allowed in words.items() if found.get(key, allowed[0]) not in allowed]
    for key in wrong:
        complain(f"{key} = {found[key]!r} of parameter {name!r}", f"Allowed are: {', '.join(words[key])}.")
    if wrong:
        return None
    area = cast("Area", found.get("area", "holding"))
    bit = found.get("bit")
    type_name = found.get("type", "bool" if area in _BITS or bit is not None else "uint16")
    layout = Layout(type_name, found.get("word_order", "big"), found.get("byte_order", "big"), found.get("length", 1))
    problem = _misfit(area, type_name, bit, found) or _bad_numbers(type_name, found) or _not_writable(area, bit, found)
    if problem:
        complain(f"parameter {name!r}: {problem[0]}", problem[1])
        return None
    return Entry(
        name,
        area,
        found["address"],
        layout,
        bit,
        float(found.get("scale", 1)),
        float(found.get("offset", 0)),
        found.get("values", {}),
        found.get("writable", False),
        found.get("minimum"),
        found.get("maximum"),
        {key: found[key] for key in ("unit", "label", "doc", "step", "rate", "settle") if key in found},
    )


def _misfit(area: str, type_name: str, bit: int | None, found: Mapping[str, Any]) -> tuple[str, str] | None:
    if area in _BITS and (type_name != "bool" or bit is not None):
        return f"a {area} is true or false", 'Take out type and bit, or take the area "holding" or "input".'
    if area not in _BITS and type_name == "bool" and bit is None:
        return "a bool in a register needs the bit", "Write bit = 0 for the lowest, up to 15."
    if bit is not None and (type_name != "bool" or not 0 <= bit <= 15):  # noqa: PLR2004 - the bits of a register
        return f"bit = {bit} with type {type_name!r}", 'bit is 0 (the lowest) to 15, and its type "bool".'
    if ("length" in found) != (type_name == "text") or not 1 <= found.get("length", 1) <= _MOST_REGISTERS:
        return "length is for texts, and they need it", f"A text has length = its registers, 1 to {_MOST_REGISTERS}."
    size = found.get("length", SIZES.get(type_name, 1))
    if found["address"] + size > 0x10000:  # noqa: PLR2004 - addresses have 16 bits
        return f"its {size} registers go beyond the last address", ""
    return None


def _bad_numbers(type_name: str, found: Mapping[str, Any]) -> tuple[str, str] | None:
    numbers = [key for key in _FOR_NUMBERS if key in found]
    if numbers and (type_name not in SIZES or "values" in found):
        return f"{', '.join(numbers)} are for numbers", "Take them out."
    if any(not math.isfinite(found[key]) for key in numbers) or found.get("scale", 1) == 0:
        return f"{', '.join(numbers)} have to be finite, and scale not 0", ""
    if "values" in found:
        if not type_name.startswith(("int", "uint")):
            return f"values are for whole numbers, not for {type_name!r}", "Take one of the types int16 to uint64."
        lowest, highest = limits_of(type_name)
        given = list(found["values"].values())
        whole = all(
            isinstance(each, int) and not isinstance(each, bool) and lowest <= each <= highest for each in given
        )
        if not whole or not given or len(set(given)) < len(given):
            return f"values = {found['values']}", f"Each text needs a number of its own, {lowest} to {highest}."
    return None


def _not_writable(area: str, bit: int | None, found: Mapping[str, Any]) -> tuple[str, str] | None:
    if not found.get("writable"):
        needless = [key for key in ("minimum", "maximum", "step", "rate") if key in found]
        return (f"{', '.join(needless)} without writable = true", "Write writable = true.") if needless else None
    if area not in _WRITABLE:
        return f"{'an input register' if area == 'input' else 'a discrete input'} cannot be written", ""
    if bit is not None:
        return "a single bit of a register cannot be written", "Writing it would write the other 15 too."
    type_name = found.get("type", "uint16")
    if area == "holding" and type_name in SIZES and "values" not in found:
        if "minimum" not in found or "maximum" not in found or found["minimum"] >= found["maximum"]:
            return "it can be set, and has no limits", "Write minimum = and maximum =, in its unit: what is safe here."
        return _beyond_the_type(type_name, found)
    return None


def _beyond_the_type(type_name: str, found: Mapping[str, Any]) -> tuple[str, str] | None:
    lowest, highest = (
        limits_of(type_name)
        if "int" in type_name
        else (-_LARGEST_FLOAT32, _LARGEST_FLOAT32)
        if type_name == "float32"
        else (-math.inf, math.inf)
    )
    for key in ("minimum", "maximum"):
        raw = unscaled(found[key], found.get("scale", 1), found.get("offset", 0))
        if not lowest <= raw <= highest:
            return f"{key} = {found[key]} does not fit into {type_name}", "Compare scale, offset and type."
    return None
