"""From a ``lab.toml`` to its description: every mistake in the file is found, and all are reported together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier import plugins
from luthier.errors import PluginError
from luthier.plugins.install_hints import distribution_of_name
from luthier.station.description import StationDescription
from luthier.station.document import read_document
from luthier.station.entries import read_entry
from luthier.station.finding import file_meant
from luthier.station.mistakes import Mistakes, meant
from luthier.station.ordering import find_cycle
from luthier.station.references import references_in
from luthier.station.section_plugins import keys_of
from luthier.station.sections import INSTRUMENTS, check_keys, declared_sections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier.station.description import InstrumentEntry
    from luthier.station.finding import StationFile

__all__ = ["describe"]


def describe(file: StationFile | None = None) -> StationDescription:
    """Read a ``lab.toml`` and return what it says. Nothing is opened and no driver is imported.

    Parameters
    ----------
    file
        The file, or a folder with a ``lab.toml`` in it; ``~`` is understood. ``None``: see
        :func:`~luthier.station.nearest_file`.

    Raises
    ------
    ConfigurationError
        The file does not exist, or is not TOML.
    StationError
        It has mistakes: all of them, each a :class:`~luthier.errors.ConfigurationError` with its line. Whether the
        drivers exist and have such options and parameters is not looked at.
    """
    document = read_document(file_meant(file))
    mistakes = Mistakes(document)
    _check_sections(document.data, mistakes)
    tables = document.data.get(INSTRUMENTS, {})
    if not isinstance(tables, dict):
        mistakes.add((INSTRUMENTS,), f"{INSTRUMENTS} has to be a table", "Write [instruments.smu] for one of them.")
        tables = {}
    instruments = {name: read_entry(name, table, mistakes) for name, table in tables.items()}
    _check_dependencies(instruments, mistakes)
    mistakes.raise_all()
    return StationDescription(
        name=document.data.get("station", {}).get("name", document.file.stem),
        document=document,
        instruments=instruments,
        path=document.file.absolute(),
    )


def _check_sections(data: Mapping[str, Any], mistakes: Mistakes) -> None:
    for name, table in data.items():
        if name == INSTRUMENTS:
            continue
        try:
            keys = keys_of(name)
        except PluginError as error:
            mistakes.add((name,), f"the section [{name}] cannot be used: {error}", cause=error)
            continue
        if keys is None:
            _unknown_section(name, table, mistakes)
            continue
        sound = check_keys((name,), f"[{name}]", table, keys, mistakes)
        if name == "plugins":
            _check_preferences(sound.get("prefer", {}), mistakes)


def _check_preferences(prefer: Mapping[str, Any], mistakes: Mistakes) -> None:
    for name, distribution in prefer.items():
        if not isinstance(distribution, str):
            what = f"prefer says which distribution {name!r} is taken from, as text, not {distribution!r}"
            mistakes.add(("plugins", "prefer", name), what, 'Write "acme.x" = "luthier-acme", with quotation marks.')


def _unknown_section(name: str, table: object, mistakes: Mistakes) -> None:
    if isinstance(table, dict) and "driver" in table:
        mistakes.add((name,), f"there is no section [{name}]", f"For an instrument write [{INSTRUMENTS}.{name}].")
        return
    kind = f"section [{name}]" if isinstance(table, dict | list) else f"key {name!r} outside of the sections"
    bringer = distribution_of_name("sections", name)
    if bringer:
        mistakes.add((name,), f"there is no {kind} here", f"It is in {bringer}: pip install {bringer}.")
        return
    sections = (INSTRUMENTS, *declared_sections(), *plugins.registry("sections").names())
    mistakes.add((name,), f"there is no {kind}", meant(name, sections, "The sections are"))


def _check_dependencies(instruments: Mapping[str, InstrumentEntry], mistakes: Mistakes) -> None:
    for name, entry in instruments.items():
        path = (INSTRUMENTS, name)
        for position, other in enumerate(entry.after):
            if other not in instruments:
                what = f"{name} is to be opened after {other!r}, which is not here"
                mistakes.add((*path, "after", position), what, meant(other, instruments, "There are"))
        for reference, place in references_in(entry.options, (*path, "options")):
            other = reference.partition(".")[0]
            if other not in instruments:
                what = f"an option of {name} refers to the instrument {other!r}, which is not here"
                literally = f"Text that begins with @ is written '@@{reference}'."
                mistakes.add(place, what, f"{meant(other, instruments, 'There are')} {literally}")
    cycle = find_cycle({name: entry.depends_on for name, entry in instruments.items()})
    if cycle:
        mistakes.add(
            (INSTRUMENTS, cycle[0]),
            f"the instruments depend on each other in a circle: {' after '.join(cycle)}",
            "Take one of them out of 'after', or out of the options that refer to it with @.",
        )
