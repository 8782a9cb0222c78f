"""Register tables: what a device of Modbus has, written down in TOML by who has its manual."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

import attrs
from luthier.errors import LuthierError
from luthier.station.document import read_document
from luthier.station.mistakes import Mistakes, meant
from luthier.station.sections import check_keys

from luthier_modbus.entries import FIRST_DIGITS, KEYS, KINDS, Entry, checked_entry

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

__all__ = ["Numbering", "RegisterTable", "read_table"]

Numbering: TypeAlias = Literal["from 0", "from 1", "5 digits", "6 digits"]

_NUMBERINGS: Final = ("from 0", "from 1", "5 digits", "6 digits")
_CONTROLLER: Final[dict[str, type]] = {
    "title": str,
    "unit": int,
    "numbering": str,
    "word_order": str,
    "byte_order": str,
}
_TOP: Final[dict[str, type]] = {"controller": dict, "parameters": dict, "safe": dict}
_LARGEST_UNIT: Final = 255
_LAST: Final = 0xFFFF


@attrs.frozen
class RegisterTable:
    """What a file says of a device.

    Attributes
    ----------
    title
        What it is.
    unit
        Its unit (station, slave) number.
    entries
        Its parameters.
    safe
        What :meth:`~luthier_modbus.controller.ModbusController.make_safe` sets, in this order.
    """

    title: str
    unit: int
    entries: tuple[Entry, ...]
    safe: Mapping[str, Any]


def read_table(file: str | Path, taken: Container[str] = ()) -> RegisterTable:
    """Read a register table, whose parameters may have none of the names ``taken``.

    Raises
    ------
    ConfigurationError
        The file cannot be read, or is not TOML.
    StationError
        Something in it is wrong; all of it is told, each with its line.
    """
    mistakes = Mistakes(read_document(Path(file)))
    top = check_keys((), "the register table", mistakes.document.data, _TOP, mistakes)
    said = check_keys(("controller",), "[controller]", top.get("controller", {}), _CONTROLLER, mistakes)
    _check_words(said, mistakes)
    entries = _entries(top.get("parameters", {}), said, taken, mistakes)
    safe = _safe(top.get("safe", {}), {entry.name: entry for entry in entries}, mistakes)
    mistakes.raise_all()
    return RegisterTable(said.get("title", ""), said.get("unit", 1), entries, safe)


def _check_words(said: dict[str, Any], mistakes: Mistakes) -> None:
    for key, allowed in (("numbering", _NUMBERINGS), ("word_order", KINDS), ("byte_order", KINDS)):
        if key in said and said[key] not in allowed:
            mistakes.add(("controller", key), f"{key} = {said[key]!r}", meant(said.pop(key), allowed, "Allowed are"))
    if not 0 <= said.get("unit", 1) <= _LARGEST_UNIT:
        mistakes.add(("controller", "unit"), f"unit = {said['unit']}", f"Allowed are 0 to {_LARGEST_UNIT}.")


def _entries(
    tables: Mapping[str, Any], said: Mapping[str, Any], taken: Container[str], mistakes: Mistakes
) -> tuple[Entry, ...]:
    entries = []
    for name, table in tables.items():
        path = ("parameters", name)
        if not (name.isidentifier() and not name.startswith("_")):
            mistakes.add(path, f"{name!r} cannot be the name of a parameter", "Take letters, digits and underscores.")
            continue
        if name in taken:
            mistakes.add(path, f"{name!r} is taken: an instrument has it itself", "Choose another name.")
            continue
        found = check_keys(path, f"parameter {name!r}", table, KEYS, mistakes)
        if _addressed(path, found, said.get("numbering", "from 0"), mistakes):
            found = {key: said[key] for key in ("word_order", "byte_order") if key in said} | found
            entry = checked_entry(name, found, lambda what, advice="", path=path: mistakes.add(path, what, advice))
            entries += [entry] if entry is not None else []
    return tuple(entries)


def _addressed(path: tuple[str, str], found: dict[str, Any], numbering: str, mistakes: Mistakes) -> bool:
    """Turn the address of the manual into the one that is sent, 0 to 65535, and find the area that its digit tells."""
    if "address" not in found:
        mistakes.add(path, f"parameter {path[1]!r} has no address", "Write address = and the number in the manual.")
        return False
    given = address = found["address"]
    if numbering.endswith("digits"):
        digits = int(numbering[0])
        text = str(address).zfill(digits)
        area = FIRST_DIGITS.get(text[0])
        if len(text) != digits or area is None or found.get("area", area) != area:
            mistakes.add(
                (*path, "address"),
                f"address = {given} is no number of {digits} digits that begins as its area does",
                "0 begins a coil, 1 a discrete input, 3 an input register, 4 a holding register.",
            )
            return False
        found["area"], address = area, int(text[1:]) - 1
    elif numbering == "from 1":
        address -= 1
    if not 0 <= address <= _LAST:
        mistakes.add((*path, "address"), f"address = {given} does not exist where numbers count {numbering}")
        return False
    found["address"] = address
    return True


def _safe(values: Mapping[str, Any], entries: Mapping[str, Entry], mistakes: Mistakes) -> dict[str, Any]:
    for name, value in values.items():
        entry = entries.get(name)
        if entry is None or not entry.writable:
            advice = meant(name, [one.name for one in entries.values() if one.writable], "Those that can be set are")
            mistakes.add(("safe", name), f"{name!r} is no parameter that can be set", advice)
            continue
        validator = entry.validator
        try:
            if validator is not None:
                validator.check(value)
        except LuthierError as error:
            mistakes.add(("safe", name), f"the safe value of {name!r} is refused: {error}", cause=error)
    return cast("dict[str, Any]", dict(values))
