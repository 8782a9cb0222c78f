"""The table of one instrument in a ``lab.toml``."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

from luthier.station.description import InstrumentEntry
from luthier.station.references import references_in
from luthier.station.sections import INSTRUMENTS, check_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier.station.mistakes import Mistakes
    from luthier.toml.positions import KeyPath

__all__ = ["RESERVED_NAMES", "read_entry"]

RESERVED_NAMES = frozenset(
    {"add", "close", "closed", "description", "get", "instruments", "make_safe", "name", "snapshot"}
)
"""What every station has by that name, so that no instrument could be reached by it."""

_KEYS: dict[str, type] = {
    "driver": str,
    "address": str,
    "server": str,
    "after": list,
    "options": dict,
    "metadata": dict,
    "initial": dict,
    "limits": dict,
}

_OTHERWISE = "Arguments of the driver are written options = { … }. The keys are"

_NOT_OPTIONS = {
    "name": "The name is that of the table",
    "address": 'Write address = "…" beside driver',
    "server_name": 'Write server = "…" beside driver',
    "metadata": "Write metadata = { … } beside driver",
}
"""Arguments of constructors that have a place of their own."""


def read_entry(name: str, table: Any, mistakes: Mistakes) -> InstrumentEntry:
    """Return what the table of the instrument ``name`` says; where it has mistakes, as much as makes sense."""
    path: KeyPath = (INSTRUMENTS, name)
    _check_name(name, path, mistakes)
    sound = check_keys(path, name, table, _KEYS, mistakes, otherwise=_OTHERWISE)
    after = _names(name, sound.get("after", []), (*path, "after"), mistakes)
    options = sound.get("options", {})
    for key in _NOT_OPTIONS.keys() & options.keys():
        mistakes.add((*path, "options", key), f"{key!r} is not an option of {name}", f"{_NOT_OPTIONS[key]}.")
    _check_limits(name, sound.get("limits", {}), (*path, "limits"), mistakes)
    if isinstance(table, dict) and not table.get("driver"):
        mistakes.add(
            (*path, "driver"),
            f"{name} has no driver",
            "Write driver = \"…\" with a driver's id; the command 'luthier drivers' lists those that are installed.",
        )
    referred = (reference.partition(".")[0] for reference, _ in references_in(options, ()))
    return InstrumentEntry(
        name=name,
        driver=sound.get("driver", ""),
        address=sound.get("address"),
        server=sound.get("server"),
        after=after,
        options=options,
        metadata=sound.get("metadata", {}),
        initial=sound.get("initial", {}),
        limits=sound.get("limits", {}),
        depends_on=tuple(dict.fromkeys((*after, *referred))),
        line=mistakes.document.line(path),
    )


def _check_name(name: str, path: KeyPath, mistakes: Mistakes) -> None:
    if not name.isidentifier():
        written = "".join(letter if letter.isalnum() else "_" for letter in name) or "instrument"
        proposed = written if written.isidentifier() else f"_{written}"
        mistakes.add(
            path,
            f"an instrument cannot be named {name!r}: allowed are letters, digits and _, no digit first",
            f"Write [instruments.{proposed}], for example.",
        )
    elif name in RESERVED_NAMES:
        mistakes.add(
            path,
            f"an instrument cannot be named {name!r}: every station has a {name} of its own",
            f"Write [instruments.{name}_1], for example.",
        )


def _names(name: str, given: list[Any], path: KeyPath, mistakes: Mistakes) -> tuple[str, ...]:
    for position, item in enumerate(given):
        if not isinstance(item, str):
            mistakes.add((*path, position), f"after of {name} lists names of instruments, not {item!r}")
    return tuple(item for item in given if isinstance(item, str))


def _check_limits(name: str, table: Mapping[str, Any], path: KeyPath, mistakes: Mistakes) -> None:
    for key, limits in table.items():
        if isinstance(limits, dict):
            _check_limits(f"{name}.{key}", limits, (*path, key), mistakes)
        elif not _is_pair(limits):
            mistakes.add(
                (*path, key),
                f"the limits of {name}.{key} have to be two numbers, the lower first, not {limits!r}",
                f"Write {key} = [-1.0, 1.0]; -inf and inf leave one side as the driver has it.",
            )


def _is_pair(limits: object) -> bool:
    if not isinstance(limits, list) or len(limits) != 2:  # noqa: PLR2004 - a lower and an upper one
        return False
    numbers = [limit for limit in limits if isinstance(limit, int | float) and not isinstance(limit, bool)]
    texts = [limit for limit in limits if isinstance(limit, str)]
    if len(numbers) + len(texts) != len(limits) or any(map(isnan, numbers)):
        return False
    return bool(texts) or numbers[0] <= numbers[1]
