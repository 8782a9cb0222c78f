"""Finding the installed distributions that say anything to Luthier, quickly and without importing them.

Every folder of ``sys.path`` is listed once and only the small ``entry_points.txt`` files are read; metadata are opened
only where the name of the folder does not give name and version. ``importlib.metadata`` is asked about zip archives
and other finders alone: it reads every group again for each question and parses metadata as e-mail.
"""

# ruff: noqa: PTH112, PTH113, PTH118, PTH123, PTH208 - a Path for each of very many names would double the time of a scan

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any, NamedTuple

from luthier.plugins.kinds import GROUP_PREFIX
from luthier.plugins.naming import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["Installed", "Listing", "installed_distributions"]

_OURS = f"[{GROUP_PREFIX}"
_SUFFIXES = (".dist-info", ".egg-info")
_ENTRY_POINTS = "entry_points.txt"


class Installed(NamedTuple):
    """A distribution with entry points in a group of Luthier's."""

    name: str
    version: str
    location: str
    entry_points: str


class Listing(NamedTuple):
    """What is installed, and remarks on what is odd about it."""

    distributions: tuple[Installed, ...]
    remarks: tuple[str, ...]


def installed_distributions() -> Listing:
    """List the distributions on ``sys.path`` that have entry points in groups of Luthier's.

    A distribution that is there twice counts where it comes first on ``sys.path``, as it does for ``import``; if any of
    the two speaks to Luthier, a remark says so. Files that cannot be read are left out with a remark.
    """
    found: dict[str, Installed] = {}
    remarks: list[str] = []
    for candidate in _candidates(remarks):
        name = candidate.name
        first = found.setdefault(name, candidate)
        # Another finder may know again, without a location, what was found in a folder.
        if first is not candidate and candidate.location and (first.entry_points or candidate.entry_points):
            remarks.append(
                f"{name} is installed twice: {first.version or 'a version'} in {first.location} is used, "
                f"{candidate.version or 'a version'} in {candidate.location} is not. Uninstall one of them."
            )
    return Listing(tuple(one for one in found.values() if one.entry_points), tuple(remarks))


def _candidates(remarks: list[str]) -> Iterator[Installed]:
    """Yield every distribution, in the order of ``sys.path``; ``entry_points`` is empty where nothing is ours."""
    seen: set[str] = set()
    for folder in sys.path:
        real = os.path.realpath(folder or os.curdir)
        if real in seen:
            continue
        seen.add(real)
        if os.path.isdir(real):
            yield from _in_folder(real, remarks)
        elif os.path.isfile(real):
            yield from _of_finder(PathFinder.find_distributions, real, remarks)
    for finder in sys.meta_path:
        if finder is not PathFinder and hasattr(finder, "find_distributions"):
            yield from _of_finder(finder.find_distributions, "", remarks)


def _in_folder(folder: str, remarks: list[str]) -> Iterator[Installed]:
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        remarks.append(f"{folder} is on sys.path and cannot be listed: {error.strerror}.")
        return
    for file_name in names:
        # pip renames what it could not remove to "~name".
        if not file_name.lower().endswith(_SUFFIXES) or file_name.startswith("~"):
            continue
        location = os.path.join(folder, file_name)
        text = _entry_points(location, remarks)
        name, version = _name_and_version(location, file_name, wanted=bool(text))
        if name:
            yield Installed(name, version, location, text)
        elif text:
            remarks.append(f"{location} has no name in its METADATA and was left out. Reinstall the distribution.")


def _entry_points(location: str, remarks: list[str]) -> str:
    path = os.path.join(location, _ENTRY_POINTS)
    try:
        with open(path, "rb") as file:
            content = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        remarks.append(f"{path} cannot be read: {error.strerror}. Its plugins were left out.")
        return ""
    if _OURS.encode() not in content:
        return ""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        remarks.append(f"{path} is not UTF-8 (byte {error.start}). What cannot be read in it was replaced.")
        return content.decode(errors="replace")


def _name_and_version(location: str, file_name: str, *, wanted: bool) -> tuple[str, str]:
    """Read name and version off the folder (``luthier_keithley-1.2.dist-info``), else out of the metadata."""
    stem = file_name.rpartition(".")[0]
    name, dash, rest = stem.partition("-")
    version, dash_again, _ = rest.partition("-")
    if dash and not dash_again and file_name.lower().endswith(".dist-info"):
        return canonical(name), version
    if not wanted:
        return canonical(name), version
    fields = _metadata_fields(location)
    return canonical(fields.get("name", "")), fields.get("version", "")


def _metadata_fields(location: str) -> dict[str, str]:
    """Return the header lines of METADATA (PKG-INFO of old), their names in lower case; nothing if there is none."""
    for file_name in ("METADATA", "PKG-INFO"):
        try:
            with open(os.path.join(location, file_name), encoding="utf-8", errors="replace") as file:
                header = file.read().partition("\n\n")[0]
        except OSError:
            continue
        lines = (line.partition(":") for line in header.splitlines())
        return {field.strip().lower(): value.strip() for field, colon, value in lines if colon}
    return {}


def _of_finder(find: Callable[[Any], Iterable[Any]], archive: str, remarks: list[str]) -> Iterator[Installed]:
    """Ask a finder of ``importlib.metadata`` about an archive, or about everything it knows."""
    from importlib.metadata import DistributionFinder  # noqa: PLC0415 - slow to import and almost never needed

    context = DistributionFinder.Context(path=[archive]) if archive else DistributionFinder.Context()
    try:
        for distribution in find(context):
            text = distribution.read_text(_ENTRY_POINTS) or ""
            if _OURS in text:
                metadata = distribution.metadata
                yield Installed(canonical(metadata["Name"]), metadata["Version"] or "", archive, text)
    except Exception as error:  # noqa: BLE001 - archives and finders of strangers fail in their own ways
        where = archive or f"what the import finder {getattr(find, '__qualname__', find)} knows"
        remarks.append(f"{where} cannot be searched for plugins: {type(error).__name__}: {error}.")
