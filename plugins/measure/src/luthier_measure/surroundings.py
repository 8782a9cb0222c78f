"""What a measurement was made with: software, computer, person, script, commit."""

from __future__ import annotations

import functools
import getpass
import hashlib
import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luthier.station import open_stations

from luthier_measure.calling import calling_code, calling_folder
from luthier_measure.git_state import changes_since_commit, commit_of, repository_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["late_surroundings", "surroundings"]

_ALWAYS = ("luthier-core", "luthier-measure", "numpy", "pyarrow")


def surroundings(instruments: Iterable[object]) -> dict[str, Any]:
    """Describe them in JSON's terms.

    Parameters
    ----------
    instruments
        Those whose drivers are wanted.
    """
    # A proxy tells the class of the instrument itself by __class__ alone.
    drivers = {str(getattr(one, "name", "")): _driver(one.__class__) for one in instruments}
    used = {driver["distribution"] for driver in drivers.values() if "distribution" in driver}
    repository = repository_of(calling_folder())
    return {
        "versions": {name: _version(name) for name in sorted({*_ALWAYS, *used})},
        "drivers": drivers,
        "python": platform.python_version(),
        "platform": _platform(),
        "host": platform.node(),
        "user": _user(),
        "script": calling_code(),
        "labs": [str(station.description.path) for station in open_stations()],
        "git": {} if repository is None else commit_of(repository),
    }


def late_surroundings(known: Mapping[str, Any]) -> dict[str, Any]:
    """Return what became known since :func:`surroundings`: which files differed from the commit when the run began.

    Waits for up to half a second, once in two seconds, where git takes so long.
    """
    git = known.get("git", {})
    changes = changes_since_commit(Path(git["root"])) if git else {}
    if not changes:
        return {}
    return {"git": {**git, **changes, "commit": changes["commit"] or git["commit"]}}


def _driver(driver: type) -> dict[str, Any]:
    """Say where a driver's class is from: its distribution, or else its file."""
    described: dict[str, Any] = {"class": f"{driver.__module__}.{driver.__qualname__}"}
    for distribution in _distributions(driver.__module__.partition(".")[0]):
        return {**described, "distribution": distribution, "version": _version(distribution)}
    return {**described, **_file_of(driver.__module__)}


def _file_of(module: str) -> dict[str, str]:
    path = getattr(sys.modules.get(module), "__file__", None)
    try:
        return {"file": path, "sha256": hashlib.sha256(Path(path).read_bytes()).hexdigest()} if path else {}
    except OSError:
        return {"file": path or ""}


@functools.cache
def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


@functools.cache
def _distributions(package: str) -> tuple[str, ...]:
    """Return the distribution of a package, by the rule of names, which needs no look at all that is installed."""
    name = package.replace("_", "-")
    return (name,) if _version(name) else ()


@functools.cache
def _platform() -> str:
    return platform.platform()


@functools.cache
def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        # A container without an entry for the user.
        return ""
