"""The tables of a ``lab.toml`` beside the instruments: what may stand in each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier.errors import UsageError
from luthier.station.mistakes import meant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier.station.mistakes import Mistakes
    from luthier.toml.positions import KeyPath

__all__ = ["INSTRUMENTS", "check_keys", "declare_section", "declared_sections"]

INSTRUMENTS = "instruments"

_TYPE_NAMES: dict[type, str] = {
    str: "text in quotation marks",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list in [ ]",
    dict: "a table in { }",
}

_sections: dict[str, dict[str, type]] = {
    "station": {"name": str},
    "data": {"folder": str},
    "plugins": {"prefer": dict},
}


def declare_section(name: str, keys: Mapping[str, type]) -> None:
    """State that a ``lab.toml`` may have a table ``[name]``, and what may stand in it; for the plugin that reads it.

    To be called before the file is read, in the plugin's ``configure`` hook for example. Declaring the same again is
    fine.

    Parameters
    ----------
    name
        The name of the table.
    keys
        The keys that it may have, with the type of each: ``str``, ``bool``, ``int``, ``float``, ``list`` or ``dict``.
        None has to be there.

    Raises
    ------
    UsageError
        The table is declared already, with other keys.
    """
    wanted = dict(keys)
    unknown = [key for key, kind in wanted.items() if kind not in _TYPE_NAMES]
    if unknown:
        raise UsageError(f"cannot declare the section [{name}]: no such type can stand in a TOML file: {unknown}")
    if name == INSTRUMENTS or _sections.setdefault(name, wanted) != wanted:
        raise UsageError(
            f"cannot declare the section [{name}]: it is declared already",
            state="It is as it was.",
            advice="Choose another name, such as the one of the plugin.",
        )


def declared_sections() -> Mapping[str, Mapping[str, type]]:
    """Return the tables that a ``lab.toml`` may have beside ``[instruments]``, each with its keys and their types."""
    return _sections


def check_keys(
    path: KeyPath,
    who: str,
    table: Any,
    keys: Mapping[str, type],
    mistakes: Mistakes,
    *,
    otherwise: str = "The keys are",
) -> dict[str, Any]:
    """Keep unknown keys of a table, and values of the wrong type, as mistakes; return the rest.

    ``otherwise`` comes before the list of keys, where an unknown one is near to none of them.
    """
    if not isinstance(table, dict):
        header = ".".join(map(str, path))
        mistakes.add(path, f"{who} has to be a table, not {table!r}", f"Write [{header}] on a line of its own.")
        return {}
    sound = {}
    for key, value in table.items():
        if key not in keys:
            mistakes.add((*path, key), f"{who} has no key {key!r}", meant(key, keys, otherwise))
        elif not _is_a(value, keys[key]):
            mistakes.add((*path, key), f"{key!r} of {who} has to be {_TYPE_NAMES[keys[key]]}, not {value!r}")
        else:
            sound[key] = value
    return sound


def _is_a(value: object, kind: type) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))
