"""The drivers of a station: that they exist and take the options given, before anything is opened."""

from __future__ import annotations

import re
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from luthier.errors import LuthierError
from luthier.instrument import driver_class
from luthier.plugins.naming import id_key
from luthier.station.mistakes import meant
from luthier.station.sections import INSTRUMENTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.errors import ConfigurationError
    from luthier.instrument import Instrument
    from luthier.station.description import InstrumentEntry, StationDescription
    from luthier.station.document import TomlDocument
    from luthier.station.mistakes import Mistakes
    from luthier.toml.positions import KeyPath

__all__ = ["FoundDriver", "find_driver", "refused_option"]

_UNEXPECTED = re.compile(r"unexpected keyword argument '(\w+)'")
_NO_OPTIONS = {"self", "name", "address", "server_name", "metadata", "transport"}
_SELF_AND_NAME = 2
_BY_KEYWORD = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


@attrs.frozen
class FoundDriver:
    """An instrument of the file, with the class that opens it."""

    entry: InstrumentEntry
    kind: type[Instrument]


def find_driver(entry: InstrumentEntry, description: StationDescription, mistakes: Mistakes) -> FoundDriver | None:
    """Import the driver of ``entry`` and look whether it takes what it is to be given.

    ``None`` where the driver cannot be used; that, and options that it does not take, are kept in ``mistakes``.
    """
    path: KeyPath = (INSTRUMENTS, entry.name)
    try:
        kind = driver_class(_preferred(_relative_to(description.folder, entry.driver), description))
    except LuthierError as error:
        what = f"the driver of {entry.name} cannot be used: {error.who or entry.driver}: {error.what}"
        mistakes.add((*path, "driver"), what, error.advice, cause=error)
        return None
    except Exception as error:  # noqa: BLE001 - the code of a driver may fail in any way
        what = f"the driver of {entry.name} cannot be used: importing {entry.driver!r} raised "
        mistakes.add((*path, "driver"), f"{what}{type(error).__name__}: {error}", cause=error)
        return None
    _check_options(entry, kind, mistakes)
    return FoundDriver(entry, kind)


def _relative_to(folder: Path, driver: str) -> str:
    """Let ``file.py:Class`` start in the folder of the ``lab.toml``."""
    file, separator, name = driver.rpartition(":")
    return f"{folder / Path(file).expanduser()}{separator}{name}" if file.endswith(".py") else driver


def _preferred(driver: str, description: StationDescription) -> str:
    """Return the id with the distribution that the file prefers for it, or for all of its namespace."""
    chosen = {id_key(name): one for name, one in description.section("plugins").get("prefer", {}).items()}
    distribution = chosen.get(id_key(driver)) or chosen.get(id_key(driver).partition(".")[0])
    return f"{distribution}:{driver}" if distribution and ":" not in driver else driver


def _check_options(entry: InstrumentEntry, kind: type[Instrument], mistakes: Mistakes) -> None:
    path: KeyPath = (INSTRUMENTS, entry.name)
    driver = f"{entry.driver}, the driver of {entry.name},"
    parameters = tuple(signature(kind.__init__).parameters.values())
    given = {*entry.options, *(["address"] if entry.address is not None else [])}
    for one in parameters[_SELF_AND_NAME:]:
        if one.kind in _BY_KEYWORD and one.default is Parameter.empty and one.name not in given:
            place = 'address = "…" beside driver' if one.name == "address" else f"options = {{ {one.name} = … }}"
            mistakes.add((*path, "driver"), f"{driver} needs {one.name!r}", f"Write {place}.")
    if any(one.kind is Parameter.VAR_KEYWORD for one in parameters):
        return  # what becomes of further options only the constructor can tell
    taken = {one.name for one in parameters if one.kind in _BY_KEYWORD}
    for option in entry.options:
        if option not in taken:
            mistakes.keep(_refusal(option, entry, kind, mistakes.document))
    if entry.address is not None and "address" not in taken:
        mistakes.add((*path, "address"), f"{driver} takes no address", "Take it out.")
    if entry.metadata and "metadata" not in taken:
        advice = "In its __init__, add **options and pass them on: super().__init__(name, address, **options)."
        mistakes.add((*path, "metadata"), f"{driver} takes no metadata", advice)


def refused_option(error: TypeError, driver: FoundDriver, document: TomlDocument) -> ConfigurationError | None:
    """Return what ``error`` means where a constructor did not take one of the options; else ``None``."""
    found = _UNEXPECTED.search(str(error))
    if found is None or found[1] not in driver.entry.options:
        return None
    return _refusal(found[1], driver.entry, driver.kind, document)


def _refusal(option: str, entry: InstrumentEntry, kind: type[Instrument], document: TomlDocument) -> ConfigurationError:
    what = f"{entry.driver}, the driver of {entry.name}, has no option {option!r}"
    advice = meant(option, dict.fromkeys(_options_of(kind)), "It has")
    return document.mistake((INSTRUMENTS, entry.name, "options", option), what, advice=advice)


def _options_of(kind: type[Instrument]) -> Iterator[str]:
    """Yield the options of a driver, and of the classes that it passes further ones on to."""
    for one in kind.__mro__:
        if "__init__" in vars(one):
            parameters = signature(vars(one)["__init__"]).parameters.values()
            yield from (each.name for each in parameters if each.kind in _BY_KEYWORD and each.name not in _NO_OPTIONS)
            if not any(each.kind is Parameter.VAR_KEYWORD for each in parameters):
                return
