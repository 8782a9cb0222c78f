"""The simulated instruments of a ``lab.toml`` with their bench, for others to open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
from luthier.errors import ConfigurationError
from luthier.station import describe

from luthier_sim.benches.table import bench_of
from luthier_sim.station_devices import devices_of_station
from luthier_sim.toml_text import as_toml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier.station import StationDescription

    from luthier_sim.device import Device

__all__ = ["StationDevices"]


@attrs.frozen(eq=False)
class StationDevices:
    """The devices of a station, by the names of their instruments.

    Attributes
    ----------
    description
        What the file says.
    devices
        Connected by a bench, where the file describes one.
    """

    description: StationDescription
    devices: Mapping[str, Device]

    @classmethod
    def read(cls, file: str) -> StationDevices:
        """Make the devices of a file, and connect them; on which server an instrument is to live does not matter.

        Raises
        ------
        ConfigurationError, StationError, UsageError, PluginError
            The file, or a simulator that it names, is wrong.
        """
        description = describe(file)
        devices = devices_of_station(description)
        if "bench" in description.document.data:
            bench_of(description, devices)
        return cls(description, devices)

    def write_for_clients(self, file: str, addresses: Mapping[str, str]) -> None:
        """Write a ``lab.toml`` that opens the same instruments at other addresses; an existing file is replaced.

        The bench is left out, and comments are. Relative paths of files are made absolute, because the new file may be
        elsewhere.

        Parameters
        ----------
        file
            Where it is written.
        addresses
            Of the instruments that are served, by name; the others keep theirs.

        Raises
        ------
        ConfigurationError
            It cannot be written.
        """
        data = {name: table for name, table in self.description.document.data.items() if name != "bench"}
        data["instruments"] = {
            name: self._for_client(table, addresses.get(name)) for name, table in data.get("instruments", {}).items()
        }
        if self.description.data_folder is not None:
            data["data"] = {**data["data"], "folder": str(self.description.data_folder)}
        path = Path(file)
        try:
            path.write_text(as_toml(data), encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(
                f"cannot be written: {error.strerror or error}",
                who=str(path),
                state="Nothing is served.",
                file=str(path),
                line=None,
            ) from error

    def _for_client(self, table: Mapping[str, Any], address: str | None) -> dict[str, Any]:
        entry = dict(table)
        where, colon, name = str(entry.get("driver", "")).rpartition(":")
        if where.endswith(".py"):
            entry["driver"] = f"{(self.description.folder / where).resolve()}{colon}{name}"
        if address is not None:
            entry["address"] = address
        return entry
