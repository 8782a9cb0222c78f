"""What a ``lab.toml`` says, as data: nothing is opened, no driver is imported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier.station.document import TomlDocument

__all__ = ["InstrumentEntry", "StationDescription"]


@attrs.frozen
class InstrumentEntry:
    """One instrument of a station, as the file describes it.

    Values are those of the file: references are texts (``"@psu"``), and ``initial`` and ``limits`` may hold tables for
    channels.
    """

    name: str
    driver: str
    """A driver's id, ``"module:Class"``, or ``"file.py:Class"`` with the file relative to the ``lab.toml``."""
    address: str | None
    """``None``: an instrument without a connection."""
    server: str | None
    """The server that it is built on; ``None``: this process."""
    after: tuple[str, ...]
    """The instruments that are opened before it, as written."""
    options: Mapping[str, Any]
    """Further arguments of the driver's constructor."""
    metadata: Mapping[str, Any]
    initial: Mapping[str, Any]
    """What parameters are set to after opening."""
    limits: Mapping[str, Any]
    """The narrower limits of parameters."""
    depends_on: tuple[str, ...]
    """``after``, and the instruments that the options refer to; each once."""
    line: int
    """Where its table begins, from 1."""


@attrs.frozen(eq=False)
class StationDescription:
    """A station, as the file describes it."""

    name: str
    """``name`` of the table ``[station]``; by default the file's name without its ending."""
    document: TomlDocument = attrs.field(repr=False)
    """The file, with the line of every key."""
    instruments: Mapping[str, InstrumentEntry]
    """The instruments by name, in the order of the file."""
    path: Path
    """The file, as an absolute path."""

    @property
    def file(self) -> Path:
        """The file, as it was given."""
        return self.document.file

    @property
    def folder(self) -> Path:
        """The folder that the file is in, as an absolute path; relative paths in the file start there."""
        return self.path.parent

    def section(self, name: str) -> Mapping[str, Any]:
        """Return the table ``[name]``; an empty one where the file has none."""
        table: Mapping[str, Any] = self.document.data.get(name, {})
        return table

    @property
    def data_folder(self) -> Path | None:
        """Where runs are to be stored (``folder`` of the table ``[data]``); ``None`` where the file does not say."""
        folder = self.section("data").get("folder")
        return None if folder is None else self.folder / Path(folder).expanduser()
