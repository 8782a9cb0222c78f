"""What a distribution says about the checks of its drivers, in ``conformance.toml`` beside its manifest.

Data only: exemptions with their reasons, and the states in which parameters can be tried.
"""

from __future__ import annotations

import tomllib
from fnmatch import fnmatchcase
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from luthier.errors import ConfigurationError
from luthier.plugins.naming import id_key

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FILE", "Arrangement", "Declared", "read_declared"]

FILE = "conformance.toml"
_KEYS = {"exempt", "arrange"}
_ARRANGEMENT_KEYS = {"parameters", "set"}


@attrs.frozen
class Arrangement:
    """Settings that are made before some parameters are tried.

    Attributes
    ----------
    parameters
        Patterns for their paths, as of file names: ``measured_*``, ``ch?.voltage``.
    settings
        The path of each setting, and its value; in this order.
    """

    parameters: tuple[str, ...]
    settings: Mapping[str, Any]

    def is_for(self, path: str) -> bool:
        """Tell whether a parameter is meant."""
        return any(fnmatchcase(path, pattern) for pattern in self.parameters)


@attrs.frozen
class Declared:
    """What is said about the checks of one driver.

    Attributes
    ----------
    exempt
        A check's name, or name and pattern of parameters (``"read-back voltage*"``), and the reason.
    arrangements
        States in which parameters can be tried.
    """

    exempt: Mapping[str, str] = attrs.field(factory=dict)
    arrangements: tuple[Arrangement, ...] = ()


def read_declared(package: str, driver: str) -> Declared:
    """Read what the file ``conformance.toml`` of a package says about a driver; nothing where there is none.

    The package is not imported.

    Raises :class:`~luthier.errors.ConfigurationError`, which names the file, for whatever is not understood.
    """
    spec = find_spec(package)
    folders = (spec.submodule_search_locations or ()) if spec else ()
    file = next((path for folder in folders if (path := Path(folder, FILE)).is_file()), None)
    if file is None:
        return Declared()
    try:
        document = tomllib.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise _mistake(str(file), f"it is no TOML: {error}") from error
    tables = {id_key(name): table for name, table in document.get("drivers", {}).items()}
    return _declared(tables.get(id_key(driver), {}), str(file))


def _declared(table: Mapping[str, Any], file: str) -> Declared:
    if unknown := table.keys() - _KEYS:
        raise _mistake(file, f"the key {min(unknown)!r} is not known; allowed are {', '.join(sorted(_KEYS))}")
    exempt = table.get("exempt", {})
    for name, reason in exempt.items():
        if not isinstance(reason, str) or not reason.strip():
            raise _mistake(file, f"the exemption {name!r} gives no reason; write a sentence")
    return Declared(exempt, tuple(_arrangement(one, file) for one in table.get("arrange", ())))


def _arrangement(table: Mapping[str, Any], file: str) -> Arrangement:
    if table.keys() != _ARRANGEMENT_KEYS:
        raise _mistake(file, f"an [[…arrange]] has {', '.join(table)}; it needs exactly parameters and set")
    return Arrangement(tuple(table["parameters"]), table["set"])


def _mistake(file: str, what: str) -> ConfigurationError:
    return ConfigurationError(what, who=file, file=file, line=None)
