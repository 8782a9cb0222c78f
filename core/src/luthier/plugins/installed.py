"""Finding the installed distributions that say anything to Luthier, quickly and without importing them.

Every folder of ``sys.path`` is listed once and only the small ``entry_points.txt`` files are read; metadata are opened
only where the name of the folder does not give name and version. ``importlib.metadata`` would parse the metadata of
each as an e-mail, and takes longer to import than this takes to look.
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
_METADATA = ("METADATA", "PKG-INFO")


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
    path: list[object] = [*sys.path]
    for folder in path:
        # As for import, only text counts; what cannot be a path is passed over.
        if not isinstance(folder, str) or "\0" in folder:
            continue
        real = os.path.realpath(folder or os.curdir)
        if real in seen:
            continue
        seen.add(real)
        if os.path.isdir(real):
            yield from _in_folder(real, remarks)
        elif os.path.isfile(real):
            yield from _in_archive(real, remarks)
    for finder in sys.meta_path:
        if finder is not PathFinder and hasattr(finder, "find_distributions"):
            yield from _of_finder(finder.find_distributions, remarks)


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
        text = _ours(_content(location, (_ENTRY_POINTS,), remarks), location, remarks)
        name, version = _name_and_version(file_name)
        if text and not version:
            name, version = _in_metadata(_content(location, _METADATA, remarks))
        if name:
            yield Installed(name, version, location, text)
        elif text:
            remarks.append(f"{location} has no name in its METADATA and was left out. Reinstall the distribution.")


def _in_archive(archive: str, remarks: list[str]) -> Iterator[Installed]:
    """Look into a zip archive. ``importlib.metadata`` would keep it open for the rest of the process."""
    from zipfile import BadZipFile, ZipFile  # noqa: PLC0415 - slow to import and almost never needed

    try:
        with ZipFile(archive) as file:
            for member in sorted(file.namelist()):
                folder, _, file_name = member.partition("/")
                if file_name != _ENTRY_POINTS or not folder.lower().endswith(_SUFFIXES):
                    continue
                name, version = _name_and_version(folder)
                if not version:
                    name, version = _in_metadata(file.read(f"{folder}/{_METADATA[0]}"))
                yield Installed(name, version, archive, _ours(file.read(member), archive, remarks))
    except BadZipFile:
        return  # nothing can be imported from it either
    except (OSError, KeyError) as error:
        remarks.append(f"{archive} cannot be searched for plugins: {type(error).__name__}: {error}.")


def _content(location: str, file_names: tuple[str, ...], remarks: list[str]) -> bytes:
    """Read the first of the files that there is; nothing if there is none, or it cannot be read."""
    for file_name in file_names:
        path = os.path.join(location, file_name)
        try:
            with open(path, "rb") as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            remarks.append(f"{path} cannot be read: {error.strerror}. The plugins of its distribution were left out.")
            break
    return b""


def _ours(content: bytes, location: str, remarks: list[str]) -> str:
    """Return the text of an ``entry_points.txt`` if anything in it is for us."""
    if _OURS.encode() not in content:
        return ""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        remarks.append(f"The entry points in {location} are not UTF-8 (byte {error.start}); what is not was replaced.")
        return content.decode(errors="replace")


def _name_and_version(file_name: str) -> tuple[str, str]:
    """Read name and version off a folder: ``luthier_keithley-1.2.dist-info``. Only the name is sure of older ones."""
    stem, _, suffix = file_name.rpartition(".")
    name, _, rest = stem.partition("-")
    version, dash, _ = rest.partition("-")
    return canonical(name), "" if dash or suffix.lower() == "egg-info" else version


def _in_metadata(content: bytes) -> tuple[str, str]:
    """Read name and version from the head of a METADATA file."""
    head = content.decode(errors="replace").replace("\r\n", "\n").partition("\n\n")[0]
    fields = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head.split("\n"))
    }
    return canonical(fields.get("name", "")), fields.get("version", "")


def _of_finder(find: Callable[[Any], Iterable[Any]], remarks: list[str]) -> Iterator[Installed]:
    """Ask a finder, as frozen applications have, about everything it knows."""
    from importlib.metadata import DistributionFinder  # noqa: PLC0415 - slow to import and almost never needed

    try:
        for distribution in find(DistributionFinder.Context()):
            text = distribution.read_text(_ENTRY_POINTS) or ""
            if _OURS in text:
                metadata = distribution.metadata
                yield Installed(canonical(metadata["Name"]), metadata["Version"] or "", "", text)
    except Exception as error:  # noqa: BLE001 - finders of strangers fail in their own ways
        what = getattr(find, "__qualname__", repr(find))
        remarks.append(f"What {what} knows cannot be searched for plugins: {type(error).__name__}: {error}.")
