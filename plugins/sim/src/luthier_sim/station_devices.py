"""The simulated devices of the instruments that a ``lab.toml`` describes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier import plugins
from luthier.errors import UsageError

from luthier_sim.serving.choosing import device_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    from luthier.station import StationDescription

    from luthier_sim.device import Device

__all__ = ["devices_of_station"]


def devices_of_station(description: StationDescription, names: Iterable[str] | None = None) -> dict[str, Device]:
    """Return the devices of those instruments whose address is a simulated one, by the names of the instruments.

    They are those that the same addresses open in this process.

    Parameters
    ----------
    description
        The station.
    names
        The instruments to look at; ``None``: all.

    Raises
    ------
    UsageError
        An address is ``sim://`` alone, and there is no simulator of the driver's name; or it has another form.
    UnknownPluginError, BrokenPluginError, ConfigurationError
        There is no such simulator, or it does not work.
    """
    found: dict[str, Device] = {}
    for name in description.instruments if names is None else names:
        entry = description.instruments[name]
        address = entry.address or ""
        if address.rstrip("/").lower() == "sim:":
            if entry.driver not in plugins.registry("simulators"):
                raise UsageError(
                    f"{name} cannot be served: no simulator is called {entry.driver!r}",
                    who=str(description.file),
                    state="Nothing is served.",
                    advice='Name one in the address, such as address = "sim://keithley.2400".',
                )
            address = f"sim://{entry.driver}/{name}"
        if address.lower().startswith("sim://"):
            found[name] = device_for(address, name)
    return found
